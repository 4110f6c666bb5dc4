package data

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// The sentences of the artificial English that [Open] draws: some 200,000 words to
// train on and a tenth of it each to validate and to test.
const (
	EnglishTrain = 25_000
	EnglishHeld  = 2_500
)

// English is a small artificial English: a stochastic grammar that makes sentences
// of some 520 words.
//
//	the queen who waits in the palace remembers her crown <eos>
//	yesterday we took the bus <eos>
//	there are three cars in the garage <eos>
//
// Two things are known of it that nobody knows of a natural text. It is
// unambiguous: a sentence has one derivation, so the probability of the sentence
// is the product of the choices that made it, and the cross entropy of no language
// model can be lower in the mean than the grammar's own; see
// [English.Perplexity]. And the words come in pairs, as king and queen, took and
// take, that differ in one respect and whose contexts do too, so that it is known
// which analogies word vectors should have; see [English.Analogies].
//
// Methods may be called from several goroutines.
type English struct {
	g        *grammar
	sentence int
}

// NewEnglish returns the grammar, which is always the same.
func NewEnglish() *English {
	g := newGrammar()
	e := &English{g: g, sentence: g.symbol("Sentence")}
	for _, c := range englishChoices {
		g.choose(c.symbol, c.bodies)
	}
	for _, r := range englishRelations {
		// A weight of the number of pairs makes all words of all pairs equally frequent.
		g.add("Sentence", float64(len(r.pairs)), r.name+" "+EOS)
		for _, p := range r.pairs {
			topic := "Topic:" + p.words[0]
			g.choose(topic, p.topics)
			for side, word := range p.words {
				about := "About:" + word
				g.add(r.name, 1, about)
				for _, f := range r.forms {
					g.add(about, f.weight, fill(f.text, side, word, topic, p.place))
				}
			}
		}
	}
	g.normalise()
	return e
}

// fill returns the text of a form for one side of a pair: W is the word, T the
// pair's topic, P its place, and x|y is x on the first side and y on the second.
func fill(text string, side int, word, topic, place string) string {
	fields := strings.Fields(text)
	for i, field := range fields {
		switch field {
		case "W":
			fields[i] = word
		case "T":
			fields[i] = topic
		case "P":
			fields[i] = place
		default:
			if first, second, ok := strings.Cut(field, "|"); ok {
				fields[i] = [...]string{first, second}[side]
			}
		}
	}
	return strings.Join(fields, " ")
}

// Sentence returns the words of a sentence, [EOS] the last, and the logarithm of
// its probability in nats, summed over the choices as they were drawn.
func (e *English) Sentence(rng *rand.Rand) (words []string, nats float64) {
	return e.g.draw(rng, nil, e.sentence)
}

// Sentences returns the words of n sentences, each with its [EOS].
func (e *English) Sentences(rng *rand.Rand, n int) []string {
	var words []string
	for range n {
		words, _ = e.g.draw(rng, words, e.sentence)
	}
	return words
}

// LogLikelihood returns the logarithm of the probability that the grammar makes
// just these words, in nats: the sum over the sentences, which are independent of
// each other, of the logarithm of each one's probability. That is found by parsing
// and is a sum over all derivations; that there is only one is what makes it equal
// to what [English.Sentence] returns.
//
// The words are whole sentences, each with its [EOS]. The error is an
// [*UnlikelyText] for the first word that the grammar does not allow where it stands.
func (e *English) LogLikelihood(words []string) (nats float64, err error) {
	text := e.g.encode(words)
	for at := 0; at < len(words); {
		next := sentenceEnd(words, at)
		p := e.g.probability(text[at:next], e.sentence)
		if p == 0 {
			return 0, e.unlikely(words, text, at, next)
		}
		nats += math.Log(p)
		at = next
	}
	return nats, nil
}

// LogProbs returns the logarithm of the probability of each word given all before
// it, [N] for N words, in nats:
//
//	log p(w_t | w_1 .. w_t-1) = log P(w_1 .. w_t ...) - log P(w_1 .. w_t-1 ...)
//
// where P(w_1 .. w_t ...) is the probability of all sentences that begin so. An [EOS]
// costs what any word does: log 1 = 0 where the sentence cannot go on, more where it
// can. The first word after an EOS costs what the first of a text does. The sum is
// [English.LogLikelihood], and the words and errors are as there.
func (e *English) LogProbs(words []string) ([]float64, error) {
	text := e.g.encode(words)
	nats := make([]float64, len(words))
	for at := 0; at < len(words); {
		next := sentenceEnd(words, at)
		before := 1.0
		for i := at; i < next; i++ {
			p := e.g.prefix(text[at:i+1], e.sentence)
			nats[i] = math.Log(p / before)
			before = p
		}
		if e.g.probability(text[at:next], e.sentence) == 0 {
			return nil, e.unlikely(words, text, at, next)
		}
		at = next
	}
	return nats, nil
}

// Perplexity returns exp(-LogLikelihood(words) / len(words)), with every [EOS]
// counted as a word. It is the floor of a language model's perplexity on these
// words: a model falls below it by chance alone, in the mean over texts it cannot.
// No words are a perplexity of 1. The errors are those of [English.LogLikelihood].
func (e *English) Perplexity(words []string) (float64, error) {
	nats, err := e.LogLikelihood(words)
	return math.Exp(-nats / float64(max(1, len(words)))), err
}

// Entropy returns the entropy of a sentence in nats and its mean number of words,
// [EOS] included. exp(nats / words) is the perplexity that [English.Perplexity]
// comes to as texts grow long.
func (e *English) Entropy() (nats, words float64) { return e.g.entropy(e.sentence) }

// Words returns all words in the order of the alphabet, [EOS] among them.
func (e *English) Words() []string {
	var words []string
	for id, name := range e.g.names {
		if e.g.rules[id] == nil {
			words = append(words, name)
		}
	}
	slices.Sort(words)
	return words
}

func sentenceEnd(words []string, at int) int {
	for i := at; i < len(words); i++ {
		if words[i] == EOS {
			return i + 1
		}
	}
	return len(words)
}

// unlikely returns the error for words[at:next], which are no sentence.
func (e *English) unlikely(words []string, text []int, at, next int) error {
	i := at
	for i < next && e.g.prefix(text[at:i+1], e.sentence) > 0 {
		i++
	}
	err := &UnlikelyText{Pos: i, After: strings.Join(words[at:i], " ")}
	if i < next {
		err.Token = words[i]
	}
	return err
}

// Relation is what all its pairs of words have in common: gender, number, tense.
type Relation struct {
	Name  string
	Pairs [][2]string // in all of them the first word is to the second the same
}

// Relations returns the pairs of words of the grammar. No word is in two pairs, and
// no sentence holds two words of pairs, so none says which belong together: that
// shows in their contexts alone.
func (e *English) Relations() []Relation {
	relations := make([]Relation, len(englishRelations))
	for i, r := range englishRelations {
		relations[i].Name = strings.ToLower(r.name)
		for _, p := range r.pairs {
			relations[i].Pairs = append(relations[i].Pairs, p.words)
		}
	}
	return relations
}

// Labelled cuts words, whole sentences of the grammar, into sentences without their
// [EOS]. The class of a sentence is what its word of a pair is: it is called by the word
// of the relation's first pair on the same side. So that of "the waitress likes her
// tray" is queen, as women are, and that of "we went to the beach" is took. A sentence
// with no such word is left out.
func (e *English) Labelled(words []string) []LabelledText {
	classes := map[string]string{}
	for _, r := range englishRelations {
		for _, p := range r.pairs {
			for side, word := range p.words {
				classes[word] = r.pairs[0].words[side]
			}
		}
	}
	var texts []LabelledText
	for at := 0; at < len(words); {
		next := sentenceEnd(words, at)
		sentence := words[at:next]
		if n := len(sentence); sentence[n-1] == EOS {
			sentence = sentence[:n-1]
		}
		for _, word := range sentence {
			if class, ok := classes[word]; ok {
				texts = append(texts, LabelledText{Words: sentence, Class: class})
				break
			}
		}
		at = next
	}
	return texts
}

// Analogy is the question which word is to C as B is to A, and its answer D.
type Analogy struct {
	Relation   string
	A, B, C, D string
}

// Analogies returns every question that the relations answer: for all ordered pairs
// of two pairs of a relation, in both directions. The question with B and C
// exchanged, king : man = queen : ?, has the same answer, and as d = b - a + c it is
// the same sum of vectors, so it is not asked again.
func (e *English) Analogies() []Analogy {
	var all []Analogy
	for _, r := range e.Relations() {
		for i, p := range r.Pairs {
			for j, q := range r.Pairs {
				if i == j {
					continue
				}
				all = append(all,
					Analogy{r.Name, p[0], p[1], q[0], q[1]},
					Analogy{r.Name, p[1], p[0], q[1], q[0]})
			}
		}
	}
	return all
}
