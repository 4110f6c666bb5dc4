package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"unicode/utf8"
)

// metadataKey is the one key of the header that is no tensor.
const metadataKey = "__metadata__"

// span is where the bytes of a tensor are, counted from the end of the header.
type span struct{ begin, end int }

// parseHeader returns what the header says: a File whose tensors have no data
// yet, and the span of each. It checks every tensor by itself.
//
// It walks the tokens, because encoding/json would let pass what the format
// forbids: a name given twice, a null size, "Shape" for "shape".
func parseHeader(header []byte) (*File, []span, error) {
	if !utf8.Valid(header) {
		return nil, nil, errors.New("header is not UTF-8; it may be no safetensors file")
	}
	if len(header) == 0 || header[0] != '{' {
		return nil, nil, errors.New("header does not begin with {; it may be no safetensors file")
	}
	p := &parser{dec: json.NewDecoder(bytes.NewReader(header))}
	p.dec.UseNumber()

	f, spans := &File{}, []span(nil)
	err := p.object("tensor", func(key string) error {
		if key == metadataKey {
			var err error
			f.Metadata, err = p.metadata()
			return err
		}
		t, s, err := p.tensor()
		if err != nil {
			return fmt.Errorf("tensor %q: %w", key, err)
		}
		t.Name = key
		f.Tensors, spans = append(f.Tensors, t), append(spans, s)
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("header: %w", err)
	}
	if _, err := p.dec.Token(); err != io.EOF {
		return nil, nil, errors.New("header: something other than spaces follows the closing }")
	}
	return f, spans, nil
}

// parser reads the JSON of a header, token by token.
type parser struct{ dec *json.Decoder }

// token returns the next token, and an error that says where the JSON ends or breaks.
func (p *parser) token() (json.Token, error) {
	tok, err := p.dec.Token()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, fmt.Errorf("bad JSON near byte %d: %w", p.dec.InputOffset(), err)
	}
	return tok, nil
}

func (p *parser) delim(want json.Delim) error {
	tok, err := p.token()
	if err != nil {
		return err
	}
	if tok != want {
		return fmt.Errorf("got %s, want %s", spell(tok), want)
	}
	return nil
}

// object reads { ... } and calls visit after each key, to read the value.
// what is what its keys name.
func (p *parser) object(what string, visit func(key string) error) error {
	if err := p.delim('{'); err != nil {
		return err
	}
	seen := map[string]bool{}
	for p.dec.More() {
		tok, err := p.token()
		if err != nil {
			return err
		}
		key := tok.(string) // the decoder lets nothing else stand here
		if seen[key] {
			return fmt.Errorf("%s %q appears twice", what, key)
		}
		seen[key] = true
		if err := visit(key); err != nil {
			return err
		}
	}
	return p.delim('}')
}

func (p *parser) metadata() (map[string]string, error) {
	m := map[string]string{}
	err := p.object("key", func(key string) error {
		v, err := p.string()
		if err != nil {
			return fmt.Errorf("%q: %w", key, err)
		}
		m[key] = v
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", metadataKey, err)
	}
	return m, nil
}

// tensor reads one entry and checks that dtype and shape fit the number of bytes.
func (p *parser) tensor() (Tensor, span, error) {
	var t Tensor
	var offsets []int
	given := map[string]bool{}
	err := p.object("field", func(key string) (err error) {
		given[key] = true
		switch key {
		case "dtype":
			var s string
			s, err = p.string()
			t.DType = DType(s)
		case "shape":
			t.Shape, err = p.ints()
		case "data_offsets":
			offsets, err = p.ints()
		default: // as in the reference implementation: a later version may add fields
			var skip json.RawMessage
			err = p.dec.Decode(&skip)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		return nil
	})
	if err != nil {
		return t, span{}, err
	}
	for _, key := range []string{"dtype", "shape", "data_offsets"} {
		if !given[key] {
			return t, span{}, fmt.Errorf("%s is missing", key)
		}
	}
	if len(offsets) != 2 {
		return t, span{}, fmt.Errorf("data_offsets: got %v, want begin and end", offsets)
	}
	s := span{offsets[0], offsets[1]}
	if s.begin < 0 || s.end < s.begin {
		return t, span{}, fmt.Errorf("data_offsets: got %v, want 0 <= begin <= end", offsets)
	}
	size, err := byteSize(t.DType, t.Shape)
	if err != nil {
		return t, span{}, err
	}
	if s.end-s.begin != size {
		return t, span{}, fmt.Errorf("%s %v takes %d bytes, data_offsets %v hold %d", t.DType, t.Shape, size, offsets, s.end-s.begin)
	}
	return t, s, nil
}

func (p *parser) string() (string, error) {
	tok, err := p.token()
	if err != nil {
		return "", err
	}
	s, ok := tok.(string)
	if !ok {
		return "", fmt.Errorf("got %s, want a string", spell(tok))
	}
	return s, nil
}

func (p *parser) ints() ([]int, error) {
	if err := p.delim('['); err != nil {
		return nil, err
	}
	list := []int{}
	for p.dec.More() {
		tok, err := p.token()
		if err != nil {
			return nil, err
		}
		number, ok := tok.(json.Number)
		if !ok {
			return nil, fmt.Errorf("got %s, want an integer", spell(tok))
		}
		v, err := strconv.Atoi(number.String())
		if errors.Is(err, strconv.ErrRange) {
			return nil, fmt.Errorf("%s overflows", number)
		}
		if err != nil {
			return nil, fmt.Errorf("got %s, want an integer", number)
		}
		list = append(list, v)
	}
	return list, p.delim(']')
}

// spell names a token in a message.
func spell(tok json.Token) string {
	switch tok := tok.(type) {
	case nil:
		return "null"
	case string:
		return strconv.Quote(tok)
	default:
		return fmt.Sprint(tok)
	}
}

// checkSpans checks the tensors together: their bytes follow each other without
// overlap or hole, and end where the file does. size is the number of bytes
// after the header.
func checkSpans(tensors []Tensor, spans []span, size int64) error {
	order := make([]int, len(spans))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		return cmp.Or(cmp.Compare(spans[i].begin, spans[j].begin), cmp.Compare(spans[i].end, spans[j].end))
	})
	end, before := 0, "the header"
	for _, i := range order {
		s, name := spans[i], tensors[i].Name
		if s.begin < end {
			return fmt.Errorf("tensor %q: its bytes %d to %d overlap those of %s, which end at %d", name, s.begin, s.end, before, end)
		}
		if s.begin > end {
			return fmt.Errorf("tensor %q: its bytes begin at %d, but those of %s end at %d: nothing may lie between", name, s.begin, before, end)
		}
		if int64(s.end) > size {
			return fmt.Errorf("truncated: tensor %q ends at byte %d of the data, of which %d are there", name, s.end, size)
		}
		end, before = s.end, fmt.Sprintf("tensor %q", name)
	}
	if int64(end) < size {
		return fmt.Errorf("%d bytes follow the end of %s, the last thing that the header describes", size-int64(end), before)
	}
	return nil
}

// formatHeader returns the header of f with its length before it, padded with
// spaces so that the data begin at a multiple of eight. Metadata are sorted by
// key: one File, one sequence of bytes.
func formatHeader(f *File, spans []span) ([]byte, error) {
	b := make([]byte, 8, 4096)
	b = append(b, '{')
	if len(f.Metadata) > 0 {
		for key, value := range f.Metadata {
			if !utf8.ValidString(key) || !utf8.ValidString(value) {
				return nil, fmt.Errorf("%s: %q is not UTF-8", metadataKey, key+": "+value)
			}
		}
		b = appendJSON(b, metadataKey)
		b = append(b, ':')
		b = appendJSON(b, f.Metadata)
	}
	seen := map[string]bool{}
	for i := range f.Tensors {
		t := &f.Tensors[i]
		if err := t.check(); err != nil {
			return nil, err
		}
		if seen[t.Name] {
			return nil, fmt.Errorf("tensor %q appears twice", t.Name)
		}
		seen[t.Name] = true
		if len(b) > 8+1 {
			b = append(b, ',')
		}
		b = appendJSON(b, t.Name)
		b = append(b, ':')
		b = appendJSON(b, entry{t.DType, append([]int{}, t.Shape...), [2]int{spans[i].begin, spans[i].end}})
	}
	b = append(b, '}')
	for len(b)%8 != 0 {
		b = append(b, ' ')
	}
	n := len(b) - 8
	if n > maxHeader {
		return nil, fmt.Errorf("the header would have %d bytes, more than the %d allowed", n, maxHeader)
	}
	binary.LittleEndian.PutUint64(b, uint64(n))
	return b, nil
}

// entry is what the header says of a tensor, in the reference's order.
type entry struct {
	DType       DType  `json:"dtype"`
	Shape       []int  `json:"shape"`
	DataOffsets [2]int `json:"data_offsets"`
}

// appendJSON appends v, without the escapes that json.Marshal adds for HTML.
func appendJSON(b []byte, v any) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // strings and integers alone: cannot fail
	}
	return append(b, bytes.TrimRight(buf.Bytes(), "\n")...)
}
