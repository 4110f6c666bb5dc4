package data_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/wengert-ml/wengert/nn/data"
)

func TestVocabularyOrder(t *testing.T) {
	tests := []struct {
		name string
		v    *data.Vocabulary
		want string
	}{
		{"first-appearance", data.NewVocabulary("b", "a", "b", "c"), "b a c"},
		{"chars", data.NewVocabulary(data.Chars("16+75äö1")...), "1 6 + 7 5 ä ö"},
		{"words", data.NewVocabulary(data.Words("You say goodbye and I say hello.")...), "you say goodbye and i hello ."},
		{"frequent", data.FrequentVocabulary(strings.Fields("a b b c c"), 0), "b c a"},
		{"frequent/cut", data.FrequentVocabulary(strings.Fields("a b b c c d e"), 2), "<unk> b c"},
		{"frequent/unk-in-text", data.FrequentVocabulary(strings.Fields("a <unk> b b b"), 2), "b <unk>"},
		{"frequent/nothing-cut", data.FrequentVocabulary(strings.Fields("a a"), 2), "a <unk>"},
		{"empty", new(data.Vocabulary), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for id := range test.v.Len() {
				token := test.v.Token(int32(id))
				back, ok := test.v.ID(token)
				assert.True(t, ok)
				assert.Equal(t, int32(id), back)
				got = append(got, token)
			}
			assert.Equal(t, test.want, strings.Join(got, " "))
		})
	}
}

func TestVocabularyRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tokens := rapid.SliceOf(rapid.String()).Draw(t, "tokens")
		v := data.NewVocabulary(tokens...)

		ids, err := v.Encode(tokens)
		require.NoError(t, err)
		require.Equal(t, len(tokens), len(ids))
		for i, token := range v.Decode(ids) {
			require.Equal(t, tokens[i], token)
		}

		b, err := json.Marshal(v)
		require.NoError(t, err)
		var read data.Vocabulary
		require.NoError(t, json.Unmarshal(b, &read))
		again, err := read.Encode(tokens)
		require.NoError(t, err)
		require.Equal(t, ids, again)
	})
}

func TestVocabularyUnknown(t *testing.T) {
	v := data.NewVocabulary("a", "b", data.Unk)
	_, err := v.Encode([]string{"a", "ß"})
	var unknown *data.UnknownToken
	require.True(t, errors.As(err, &unknown))
	assert.Equal(t, data.UnknownToken{Token: "ß", Pos: 1, Size: 3}, *unknown)
	assert.EqualError(t, err, `token 2, "ß", is not one of the 3 in the vocabulary`)

	_, ok := v.ID("ß")
	assert.False(t, ok)
	for _, id := range []int32{-1, 3} {
		assert.PanicsWithValue(t, fmt.Sprintf("vocabulary: id %d out of range; want one in [0, 3)", id),
			func() { v.Decode([]int32{0, id}) })
	}
}

func TestVocabularyJSON(t *testing.T) {
	b, err := json.Marshal(new(data.Vocabulary))
	require.NoError(t, err)
	assert.Equal(t, "[]", string(b))
	_, err = json.Marshal(data.NewVocabulary("a", "\xff"))
	assert.ErrorContains(t, err, `token 1, "\xff", is not valid UTF-8`)

	v := data.NewVocabulary("kept")
	assert.EqualError(t, json.Unmarshal([]byte(`["a","b","a"]`), v), `vocabulary: token "a" has the ids 0 and 2`)
	assert.ErrorContains(t, json.Unmarshal([]byte(`{"a":0}`), v), "vocabulary: json: cannot unmarshal object")
	assert.Equal(t, "kept", v.Token(0), "a failed read changes nothing")
}

func FuzzVocabularyJSON(f *testing.F) {
	for _, s := range []string{`["a","b"]`, `["a","a"]`, `[]`, `null`, `[1]`, `["\ud800","\ufffd"]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var v, w data.Vocabulary
		if json.Unmarshal(b, &v) != nil {
			return
		}
		for id := range v.Len() {
			token := v.Token(int32(id))
			if back, ok := v.ID(token); !ok || int(back) != id || !utf8.ValidString(token) {
				t.Fatalf("token %q of id %d has the id %d, %t", token, id, back, ok)
			}
		}
		again, err := json.Marshal(&v)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(again, &w))
		require.Equal(t, v.Len(), w.Len())
	})
}

func ExampleVocabulary() {
	words := data.Words("You say goodbye and I say hello.")
	v := data.NewVocabulary(words...)
	ids, err := v.Encode(words)
	fmt.Println(ids, err)
	fmt.Println(v.Decode([]int32{1, 5}))
	_, err = v.Encode([]string{"say", "farewell"})
	fmt.Println(err)
	// Output:
	// [0 1 2 3 4 1 5 6] <nil>
	// [say hello]
	// token 2, "farewell", is not one of the 7 in the vocabulary
}
