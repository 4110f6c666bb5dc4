package pickle

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
)

// ReadFile reads the file at path.
func ReadFile(path string) (any, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read pickle: %w", err)
	}
	v, err := decode(raw)
	if err != nil {
		return nil, fmt.Errorf("read pickle %s: %w", path, err)
	}
	return v, nil
}

// Read reads one value. What follows it is an error.
func Read(r io.Reader) (any, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read pickle: %w", err)
	}
	v, err := decode(raw)
	if err != nil {
		return nil, fmt.Errorf("read pickle: %w", err)
	}
	return v, nil
}

func decode(raw []byte) (any, error) {
	m := machine{in: raw}
	v, err := m.run()
	if err != nil {
		return nil, fmt.Errorf("at byte %d: %w", m.at, err)
	}
	return v, nil
}

// mark is on the stack where a list, a dictionary or a tuple begins.
type mark struct{}

// machine runs the program that a pickle is.
type machine struct {
	in    []byte
	pos   int // next byte
	at    int // where the opcode stands
	stack []any
	memo  map[int]any
}

// The opcodes are those of Python's pickletools, protocols 2 to 5, as far as numbers,
// strings, containers and arrays need them.
func (m *machine) run() (any, error) {
	m.memo = map[int]any{}
	for {
		m.at = m.pos
		op, err := m.take(1)
		if err != nil {
			return nil, err
		}
		if op[0] == '.' { // STOP
			v, err := m.pop()
			if err != nil {
				return nil, err
			}
			if len(m.stack) > 0 || m.pos < len(m.in) {
				return nil, errors.New("something is left behind the value")
			}
			return resolve(v)
		}
		if err := m.step(op[0]); err != nil {
			return nil, err
		}
	}
}

// resolve refuses what is only part of a value.
func resolve(v any) (any, error) {
	switch v := v.(type) {
	case global, mark, *dtype:
		return nil, fmt.Errorf("the value is a %T and no data", v)
	case *Array:
		if v.Shape == nil {
			return nil, errors.New("an array without content")
		}
	}
	return v, nil
}

func (m *machine) step(op byte) error {
	switch op {
	case 0x80: // PROTO
		b, err := m.take(1)
		if err == nil && b[0] > 5 {
			err = fmt.Errorf("protocol %d; want 2 to 5", b[0])
		}
		return err
	case 0x95: // FRAME
		_, err := m.take(8)
		return err
	case 'N':
		return m.push(nil)
	case 0x88, 0x89: // NEWTRUE, NEWFALSE
		return m.push(op == 0x88)
	case 'K', 'M', 'J': // BININT1, BININT2, BININT
		return m.integer(map[byte]int{'K': 1, 'M': 2, 'J': 4}[op])
	case 0x8a: // LONG1
		return m.long()
	case 'G': // BINFLOAT
		b, err := m.take(8)
		if err != nil {
			return err
		}
		return m.push(math.Float64frombits(binary.BigEndian.Uint64(b)))
	case 'X', 0x8c, 0x8d: // BINUNICODE, SHORT_BINUNICODE, BINUNICODE8
		b, err := m.counted(map[byte]int{'X': 4, 0x8c: 1, 0x8d: 8}[op])
		if err != nil {
			return err
		}
		return m.push(string(b))
	case 'B', 'C', 0x8e, 0x96, 'T', 'U': // BINBYTES, SHORT_BINBYTES, BINBYTES8, BYTEARRAY8, BINSTRING, SHORT_BINSTRING
		b, err := m.counted(map[byte]int{'B': 4, 'C': 1, 0x8e: 8, 0x96: 8, 'T': 4, 'U': 1}[op])
		if err != nil {
			return err
		}
		return m.push(b)
	case '(':
		return m.push(mark{})
	case ']':
		return m.push(&List{})
	case '}':
		return m.push(&Dict{})
	case ')':
		return m.push(Tuple{})
	case 'a': // APPEND
		return m.extend(1)
	case 'e': // APPENDS
		return m.extend(-1)
	case 's': // SETITEM
		return m.set(2)
	case 'u': // SETITEMS
		return m.set(-1)
	case 't': // TUPLE
		items, err := m.toMark()
		if err != nil {
			return err
		}
		return m.push(Tuple(items))
	case 0x85, 0x86, 0x87: // TUPLE1 to TUPLE3
		items, err := m.top(int(op) - 0x84)
		if err != nil {
			return err
		}
		return m.push(Tuple(items))
	case 'q', 'r', 0x94: // BINPUT, LONG_BINPUT, MEMOIZE
		return m.put(op)
	case 'h', 'j': // BINGET, LONG_BINGET
		return m.get(op)
	case 'c': // GLOBAL
		module, err := m.line()
		if err != nil {
			return err
		}
		name, err := m.line()
		if err != nil {
			return err
		}
		return m.global(module, name)
	case 0x93: // STACK_GLOBAL
		items, err := m.top(2)
		if err != nil {
			return err
		}
		module, isString := items[0].(string)
		name, isString2 := items[1].(string)
		if !isString || !isString2 {
			return errors.New("a function without a name")
		}
		return m.global(module, name)
	case 'R': // REDUCE
		return m.reduce()
	case 'b': // BUILD
		return m.build()
	}
	return fmt.Errorf("opcode %#02x is not one of those that data needs; the file may hold objects of classes", op)
}

// take returns the next n bytes.
func (m *machine) take(n int) ([]byte, error) {
	if n > len(m.in)-m.pos {
		return nil, fmt.Errorf("truncated: %d bytes are wanted and %d are left", n, len(m.in)-m.pos)
	}
	b := m.in[m.pos : m.pos+n : m.pos+n]
	m.pos += n
	return b, nil
}

// counted returns bytes whose number comes first, in so many bytes.
func (m *machine) counted(width int) ([]byte, error) {
	n, err := m.unsigned(width)
	if err != nil {
		return nil, err
	}
	if n > uint64(len(m.in)) {
		return nil, fmt.Errorf("truncated: %d bytes are wanted and %d are left", n, len(m.in)-m.pos)
	}
	return m.take(int(n))
}

func (m *machine) unsigned(width int) (n uint64, err error) {
	b, err := m.take(width)
	for i := range b {
		n |= uint64(b[i]) << (8 * i)
	}
	return n, err
}

func (m *machine) line() (string, error) {
	for i := m.pos; i < len(m.in); i++ {
		if m.in[i] == '\n' {
			s := string(m.in[m.pos:i])
			m.pos = i + 1
			return s, nil
		}
	}
	return "", errors.New("truncated: a line without an end")
}

func (m *machine) integer(width int) error {
	n, err := m.unsigned(width)
	if err != nil {
		return err
	}
	if width == 4 { // the only signed one
		return m.push(int64(int32(n)))
	}
	return m.push(int64(n))
}

// long is an integer of up to 8 bytes in two's complement.
func (m *machine) long() error {
	b, err := m.counted(1)
	if err != nil {
		return err
	}
	if len(b) > 8 {
		return fmt.Errorf("an integer of %d bytes; want at most 8", len(b))
	}
	var n int64
	for i := len(b) - 1; i >= 0; i-- {
		n = n<<8 | int64(b[i])
	}
	if len(b) > 0 && len(b) < 8 && b[len(b)-1] >= 0x80 {
		n -= 1 << (8 * len(b))
	}
	return m.push(n)
}

func (m *machine) push(v any) error {
	m.stack = append(m.stack, v)
	return nil
}

func (m *machine) pop() (any, error) {
	items, err := m.top(1)
	if err != nil {
		return nil, err
	}
	return items[0], nil
}

// top takes the last n values from the stack.
func (m *machine) top(n int) ([]any, error) {
	at := len(m.stack) - n
	if at < 0 {
		return nil, errors.New("the program takes more than there is")
	}
	items := m.stack[at:len(m.stack):len(m.stack)]
	m.stack = m.stack[:at]
	for _, v := range items {
		if _, ok := v.(mark); ok {
			return nil, errors.New("a container without an end")
		}
	}
	return append([]any{}, items...), nil
}

// toMark takes all values after the last mark, and the mark.
func (m *machine) toMark() ([]any, error) {
	for i := len(m.stack) - 1; i >= 0; i-- {
		if _, ok := m.stack[i].(mark); ok {
			items := append([]any{}, m.stack[i+1:]...)
			m.stack = m.stack[:i]
			return items, nil
		}
	}
	return nil, errors.New("a container without a beginning")
}

// items takes the last n values, or those after the last mark for n = -1.
func (m *machine) items(n int) ([]any, error) {
	if n < 0 {
		return m.toMark()
	}
	return m.top(n)
}

// extend appends values to the list below them.
func (m *machine) extend(n int) error {
	items, err := m.items(n)
	if err != nil {
		return err
	}
	below, err := m.pop()
	if err != nil {
		return err
	}
	list, ok := below.(*List)
	if !ok {
		return fmt.Errorf("values are appended to a %s", kind(below))
	}
	for i := range items {
		if items[i], err = resolve(items[i]); err != nil {
			return err
		}
	}
	list.Items = append(list.Items, items...)
	return m.push(list)
}

// set sets keys of the dictionary below them.
func (m *machine) set(n int) error {
	items, err := m.items(n)
	if err != nil {
		return err
	}
	below, err := m.pop()
	if err != nil {
		return err
	}
	d, ok := below.(*Dict)
	if !ok || len(items)%2 != 0 {
		return fmt.Errorf("%d keys and values for a %s", len(items), kind(below))
	}
	for i := 0; i < len(items); i += 2 {
		switch items[i].(type) {
		case int64, float64, string, bool, nil:
		default:
			return fmt.Errorf("a key is a %s; want a number or a string", kind(items[i]))
		}
		v, err := resolve(items[i+1])
		if err != nil {
			return err
		}
		d.Set(items[i], v)
	}
	return m.push(d)
}

func (m *machine) put(op byte) error {
	if len(m.stack) == 0 {
		return errors.New("nothing is remembered")
	}
	key := len(m.memo)
	if op != 0x94 {
		n, err := m.unsigned(map[byte]int{'q': 1, 'r': 4}[op])
		if err != nil {
			return err
		}
		key = int(n)
	}
	m.memo[key] = m.stack[len(m.stack)-1]
	return nil
}

func (m *machine) get(op byte) error {
	n, err := m.unsigned(map[byte]int{'h': 1, 'j': 4}[op])
	if err != nil {
		return err
	}
	v, ok := m.memo[int(n)]
	if !ok {
		return fmt.Errorf("value %d was never remembered", n)
	}
	return m.push(v)
}
