package wordnet_test

import (
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/models/wordnet"
)

var update = flag.Bool("update", false, "write testdata from the table of synsets")

// entry is a synset of the tiny database in testdata: its words, with a marker where
// an adjective has one, and the first words of its hypernyms.
type entry struct {
	words string // between spaces
	gloss string
	above string // "@thing" for a kind of, "@i city" for an instance
	kind  string // "s" for a satellite; otherwise the file's
}

var tiny = map[wordnet.POS][]entry{
	wordnet.Noun: {
		{words: "thing", gloss: "what there is"},
		{words: "made_thing artefact", gloss: "what somebody made", above: "@thing"},
		{words: "vehicle", gloss: "what carries people", above: "@made_thing"},
		{words: "car auto motor_car", gloss: "a vehicle with four wheels; \"a car | a truck\"", above: "@vehicle"},
		{words: "motorcycle", gloss: "a vehicle with two wheels", above: "@vehicle"},
		{words: "animal", gloss: "what eats", above: "@thing"},
		{words: "companion", gloss: "who is with you", above: "@thing"},
		{words: "pet", gloss: "a companion that is kept", above: "@companion"},
		{words: "dog hound", gloss: "an animal that barks", above: "@animal @pet"},
		{words: "Rex", gloss: "a dog", above: "@idog"},
		{words: "carriage car", gloss: "a part of a train", above: "@vehicle"},
	},
	wordnet.Verb: {
		{words: "move", gloss: "change place"},
		{words: "drive", gloss: "move a vehicle", above: "@move"},
		{words: "eat", gloss: "take food"},
		{words: "hold", gloss: "hold back", above: "@curb"},
		{words: "curb", gloss: "hold back too", above: "@hold"},
		{words: "dog", gloss: "follow", above: "@move"},
	},
	wordnet.Adjective: {
		{words: "fast", gloss: "that moves far in little time"},
		{words: "speedy(a) quick", gloss: "fast", kind: "s"},
	},
}

// write makes the database's files: data with byte offsets, index in order.
func write(t *testing.T, dir string) {
	t.Helper()
	const licence = "  1 A tiny database for tests, in the format of wndb(5WN).  \n"
	for pos, entries := range tiny {
		offsets, senses := map[string]string{}, map[string][]string{}
		line := func(e entry) string {
			words := strings.Fields(e.words)
			kind := e.kind
			if kind == "" {
				kind = string(rune(pos))
			}
			s := fmt.Sprintf("%08s 03 %s %02x ", offsets[words[0]], kind, len(words))
			for _, w := range words {
				s += w + " 0 "
			}
			above := strings.Fields(e.above)
			s += fmt.Sprintf("%03d ", len(above)+1)
			for _, a := range above {
				symbol, word := "@", strings.TrimPrefix(a, "@")
				if word == "idog" {
					symbol, word = "@i", "dog"
				}
				s += fmt.Sprintf("%s %08s %c 0000 ", symbol, offsets[word], pos)
			}
			return s + fmt.Sprintf("~ 00000000 %c 0000 | %s  \n", pos, e.gloss)
		}
		at := len(licence)
		for _, e := range entries { // offsets have one width, so lengths are known
			first := strings.Fields(e.words)[0]
			length := len(line(e))
			offsets[first] = fmt.Sprintf("%08d", at)
			for _, w := range strings.Fields(e.words) {
				w, _, _ = strings.Cut(strings.ToLower(w), "(")
				senses[w] = append(senses[w], offsets[first])
			}
			at += length
		}
		data, index := licence, licence
		for _, e := range entries {
			data += line(e)
		}
		for _, w := range slices.Sorted(maps.Keys(senses)) {
			index += fmt.Sprintf("%s %c %d 2 @ ~ %d 0 %s  \n", w, pos, len(senses[w]), len(senses[w]), strings.Join(senses[w], " "))
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, "data."+pos.String()), []byte(data), 0o644))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "index."+pos.String()), []byte(index), 0o644))
	}
}

// TestTestdata holds testdata to the table above and the offsets in it to bytes.
func TestTestdata(t *testing.T) {
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o777))
		write(t, "testdata")
	}
	dir := t.TempDir()
	write(t, dir)
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, files, 6)
	for _, f := range files {
		want, err := os.ReadFile(filepath.Join(dir, f.Name()))
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join("testdata", f.Name()))
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got), "go test -update writes it")
		if !strings.HasPrefix(f.Name(), "data.") {
			continue
		}
		at := 0
		for line := range strings.Lines(string(got)) {
			if line[0] != ' ' {
				assert.Equal(t, fmt.Sprintf("%08d", at), line[:8], "%s", line)
			}
			at += len(line)
		}
	}
}

func open(t testing.TB, dir string) *wordnet.Dict {
	t.Helper()
	d, err := wordnet.Open(dir)
	require.NoError(t, err)
	return d
}

func sense(t testing.TB, d *wordnet.Dict, name string) *wordnet.Synset {
	t.Helper()
	s, ok := d.Sense(name)
	require.True(t, ok, name)
	return s
}

func names(senses []*wordnet.Synset) string {
	var s []string
	for _, x := range senses {
		s = append(s, x.Name)
	}
	return strings.Join(s, " ")
}

func TestSenses(t *testing.T) {
	d := open(t, "testdata")
	assert.Equal(t, 19, d.Len())
	assert.Equal(t, "car.n.01 carriage.n.01", names(d.Senses("Car")))
	assert.Equal(t, "dog.n.01 dog.v.01", names(d.Senses("dog")), "nouns first")
	assert.Equal(t, "car.n.01", names(d.Senses("motor car")))
	assert.Equal(t, "rex.n.01", names(d.Senses("rex")))
	assert.Empty(t, d.Senses("spoon"))

	car := sense(t, d, "car.n.01")
	assert.Equal(t, []string{"car", "auto", "motor car"}, car.Words)
	assert.Equal(t, "a vehicle with four wheels; \"a car | a truck\"", car.Gloss)
	assert.Equal(t, wordnet.Noun, car.POS)
	assert.Same(t, car, sense(t, d, "auto.n.01"), "a name of its own words'")
	assert.Equal(t, "carriage.n.01", sense(t, d, "car.n.02").Name)
	assert.Equal(t, []string{"speedy", "quick"}, sense(t, d, "speedy.s.01").Words, "without its marker")
	for _, name := range []string{"", "car", "car.n", "car.n.00", "car.n.03", "car.n.x", "car.noun.01", "car.v.01", ".."} {
		_, ok := d.Sense(name)
		assert.False(t, ok, "%q", name)
	}
	assert.Equal(t, []string{"auto", "motor car", "carriage"}, d.Synonyms("car"))
	assert.Empty(t, d.Synonyms("vehicle"))
}

func TestHypernymPaths(t *testing.T) {
	d := open(t, "testdata")
	for name, want := range map[string][]string{
		"thing.n.01": {"thing.n.01"},
		"car.n.01":   {"thing.n.01 made_thing.n.01 vehicle.n.01 car.n.01"},
		"rex.n.01":   {"thing.n.01 animal.n.01 dog.n.01 rex.n.01", "thing.n.01 companion.n.01 pet.n.01 dog.n.01 rex.n.01"},
		"hold.v.01":  {"curb.v.01 hold.v.01"}, // and hold above curb again
	} {
		var got []string
		for _, p := range sense(t, d, name).HypernymPaths() {
			got = append(got, names(p))
		}
		assert.Equal(t, want, got, name)
	}
}

func TestSimilarity(t *testing.T) {
	d := open(t, "testdata")
	for _, c := range []struct {
		a, b     string
		path, wp float64 // 0 where there is none
	}{
		{"car.n.01", "car.n.01", 1, 1},
		{"car.n.01", "motorcycle.n.01", 1. / 3, 6. / 8},
		{"car.n.01", "vehicle.n.01", 1. / 2, 6. / 7},
		{"car.n.01", "thing.n.01", 1. / 4, 2. / 5},
		{"car.n.01", "dog.n.01", 1. / 6, 2. / 7}, // by way of animal, not of companion and pet
		{"rex.n.01", "pet.n.01", 1. / 3, 6. / 8},
		{"rex.n.01", "dog.n.01", 1. / 2, 8. / 9}, // the longest way to dog counts four
		{"drive.v.01", "dog.v.01", 1. / 3, 4. / 6},
		{"drive.v.01", "eat.v.01", 1. / 4, 2. / 5}, // by the root that all verbs share
		{"hold.v.01", "curb.v.01", 1. / 2, 6. / 7}, // each above the other
		{"dog.n.01", "dog.v.01", 0, 0},
		{"fast.a.01", "speedy.a.01", 0, 0},
	} {
		t.Run(c.a+"-"+c.b, func(t *testing.T) {
			a, b := sense(t, d, c.a), sense(t, d, c.b)
			for range 2 {
				p, ok := wordnet.PathSimilarity(a, b)
				assert.InDelta(t, c.path, p, 1e-15, "path")
				assert.Equal(t, c.path > 0, ok)
				p, ok = wordnet.WuPalmer(a, b)
				assert.InDelta(t, c.wp, p, 1e-15, "Wu and Palmer")
				assert.Equal(t, c.wp > 0, ok)
				a, b = b, a // symmetric
			}
		})
	}
}

// TestInstalled looks at the real database, with the book's figures.
func TestInstalled(t *testing.T) {
	d, err := wordnet.Open(wordnet.DefaultDir)
	if err != nil {
		t.Skipf("no WordNet installed (Debian: apt-get install wordnet-base): %v", err)
	}
	assert.Equal(t, 117_659, d.Len(), "as many as wnstats(7WN) says of version 3.0")
	assert.Equal(t, "car.n.01 car.n.02 car.n.03 car.n.04 cable_car.n.01", names(d.Senses("car")))
	car := sense(t, d, "car.n.01")
	assert.Equal(t, []string{"car", "auto", "automobile", "machine", "motorcar"}, car.Words)
	paths := car.HypernymPaths()
	require.Len(t, paths, 2)
	assert.Equal(t, "entity.n.01 physical_entity.n.01 object.n.01 whole.n.02 artifact.n.01 instrumentality.n.03 "+
		"conveyance.n.03 vehicle.n.01 wheeled_vehicle.n.01 self-propelled_vehicle.n.01 motor_vehicle.n.01 car.n.01", names(paths[0]))
	for _, c := range []struct {
		name     string
		path, wp float64
	}{
		{"novel.n.01", 0.0556, 0.1053},
		{"dog.n.01", 0.0769, 0.4},
		{"motorcycle.n.01", 0.3333, 0.9167},
	} {
		p, ok := wordnet.PathSimilarity(car, sense(t, d, c.name))
		assert.True(t, ok)
		assert.InDelta(t, c.path, p, 5e-5, "car.n.01 %s", c.name)
		p, ok = wordnet.WuPalmer(car, sense(t, d, c.name))
		assert.True(t, ok)
		assert.InDelta(t, c.wp, p, 5e-5, "car.n.01 %s", c.name)
	}
	inhibit := sense(t, d, "inhibit.v.04") // stands above restrain.v.01, which stands above it
	assert.Len(t, inhibit.HypernymPaths(), 1)
}

func TestOpenRefuses(t *testing.T) {
	_, err := wordnet.Open(filepath.Join("testdata", "none"))
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.ErrorContains(t, err, "no file data.noun, data.verb, data.adj or data.adv in "+filepath.Join("testdata", "none"))

	const data, index = "00000010 03 n 01 car 0 000 | a car\n", "car n 1 0 1 0 00000010\n"
	for _, c := range []struct{ data, index, want string }{
		{"00000010 03 n 01 car 0\n", index, "data.noun:1: the line ends too early"},
		{"  licence\n00000010 03 v 01 car 0 000 |\n", index, `data.noun:2: type "v"; want 'n'`},
		{"00000010 03 n zz car 0 000 |\n", index, `data.noun:1: "zz" things follow`},
		{"00000010 03 n ff car 0 000 |\n", index, `data.noun:1: "ff" things follow`},
		{"00000010 03 n 00 000 |\n", index, "data.noun:1: a synset without words"},
		{data + data, index, "data.noun:2: a second synset at 00000010"},
		{"00000010 03 n 01 car 0 001 @ 00000020 n 0000 |\n", index, "data.noun:1: a hypernym at 00000020, where no synset is"},
		{data, "car v 1 0 1 0 00000010\n", `index.noun:1: type "v"; want 'n'`},
		{data, "car n 1 0 1 0 00000020\n", `index.noun:1: "car" has a synset at 00000020, where none is`},
		{data, "car n 2 0 1 0 00000010\n", "index.noun:1: the line ends too early"},
		{data, "auto n 1 0 1 0 00000010\n", `index.noun: "car" lacks its synset at 00000010`},
	} {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, "data.noun"), []byte(c.data), 0o644))
		_, err := wordnet.Open(dir)
		assert.ErrorContains(t, err, "index.noun", "both files are wanted")
		require.NoError(t, os.WriteFile(filepath.Join(dir, "index.noun"), []byte(c.index), 0o644))
		_, err = wordnet.Open(dir)
		assert.ErrorContains(t, err, filepath.Join(dir, c.want))
	}
}

// FuzzOpen reads files that may be anything; what is read must be sound.
func FuzzOpen(f *testing.F) {
	for _, p := range []string{"noun", "verb"} {
		data, err := os.ReadFile(filepath.Join("testdata", "data."+p))
		require.NoError(f, err)
		index, err := os.ReadFile(filepath.Join("testdata", "index."+p))
		require.NoError(f, err)
		f.Add(data, index)
	}
	f.Fuzz(func(t *testing.T, data, index []byte) {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, "data.noun"), data, 0o644))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "index.noun"), index, 0o644))
		d, err := wordnet.Open(dir)
		if err != nil {
			return
		}
		for line := range strings.Lines(string(index)) {
			word, _, _ := strings.Cut(line, " ")
			for _, s := range d.Senses(word) {
				assert.NotEmpty(t, s.Words)
				assert.NotEmpty(t, s.Name)
				p, ok := wordnet.PathSimilarity(s, s)
				assert.True(t, ok && p == 1)
			}
		}
	})
}

func Example() {
	d, err := wordnet.Open("testdata") // wordnet.DefaultDir, where WordNet is installed
	if err != nil {
		panic(err)
	}
	car, _ := d.Sense("car.n.01")
	motorcycle, _ := d.Sense("motorcycle.n.01")
	fmt.Println(car.Words)
	for i, s := range car.HypernymPaths()[0] {
		fmt.Println(strings.Repeat("  ", i) + s.Name)
	}
	p, _ := wordnet.PathSimilarity(car, motorcycle)
	fmt.Printf("%.4f\n", p)
	// Output:
	// [car auto motor car]
	// thing.n.01
	//   made_thing.n.01
	//     vehicle.n.01
	//       car.n.01
	// 0.3333
}
