package ptx

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// Module is a PTX text whose kernels can be launched.
type Module struct {
	Kernels map[string]*Kernel

	memory    *Memory
	variables []uint64 // addresses of its .global and .const variables
}

// Kernel is one .entry of a module.
type Kernel struct {
	Name   string
	Params []Param
	Shared int // bytes of static shared memory

	MaxThreads int  // in a block: .maxntid, 0 where it says nothing
	Required   Dim3 // the size of a block: .reqntid, zero where it says nothing

	dynamic     bool // uses .extern .shared memory
	dynamicBase uint64
	local       uint64 // bytes of local memory a thread
	columns     int
	predicates  int
	constants   []constant
	specials    []special
	code        []instr
	exposed     []int32 // columns that may be read before they are written
	source      func(line int) string
}

// Param is a parameter of a kernel.
type Param struct {
	Name string
	Size int // bytes: 1, 2, 4 or 8
}

// constant is a register column that holds the same value for all threads.
type constant struct {
	column int32
	value  uint64
}

// special is a register column that holds a special register.
type special struct {
	column int32
	name   string
}

// Load parses a PTX text and places its variables in memory. It refuses, with a
// [*SyntaxError], whatever it could not execute exactly.
func Load(memory *Memory, text string) (*Module, error) {
	p := &parser{lexer: newLexer(text), module: &Module{Kernels: map[string]*Kernel{}, memory: memory}, globals: map[string]symbol{}}
	if err := p.parse(); err != nil {
		p.module.Unload()
		return nil, err
	}
	return p.module, nil
}

// Unload frees the module's variables.
func (m *Module) Unload() {
	for _, addr := range m.variables {
		m.memory.Free(addr)
	}
	m.variables = nil
}

// symbol is the name of a variable.
type symbol struct {
	space   space
	addr    uint64
	dynamic bool // .extern .shared: its address is known at the end of the kernel
}

type parser struct {
	*lexer
	tok     token
	module  *Module
	globals map[string]symbol
}

// advance reads the next token.
func (p *parser) advance() (err error) {
	p.tok, err = p.next()
	return err
}

func (p *parser) fail(format string, args ...any) error {
	return p.errorf(p.tok.line, format, args...)
}

// accept reads on if the token is text, and reports whether it was.
func (p *parser) accept(text string) (bool, error) {
	if p.tok.text != text || p.tok.kind == quoted || p.tok.kind == endOfText {
		return false, nil
	}
	return true, p.advance()
}

// expect reads on past text.
func (p *parser) expect(text string) error {
	ok, err := p.accept(text)
	if err == nil && !ok {
		return p.fail("%q stands where %q is wanted", p.tok.text, text)
	}
	return err
}

// take reads on past a token of a kind and returns its text.
func (p *parser) take(kind tokenKind, what string) (string, error) {
	if p.tok.kind != kind {
		return "", p.fail("%q stands where %s is wanted", p.tok.text, what)
	}
	text := p.tok.text
	return text, p.advance()
}

// integer reads a whole number, with a sign.
func (p *parser) integer() (uint64, error) {
	negative, err := p.accept("-")
	if err != nil {
		return 0, err
	}
	text := p.tok.text
	if _, err := p.take(number, "a number"); err != nil {
		return 0, err
	}
	v, err := strconv.ParseUint(strings.TrimSuffix(text, "U"), 0, 64)
	if err != nil {
		return 0, p.fail("%q is no whole number of 64 bits", text)
	}
	if negative {
		v = -v
	}
	return v, nil
}

// size reads a whole number of at most limit.
func (p *parser) size(limit uint64) (int, error) {
	v, err := p.integer()
	if err == nil && v > limit {
		return 0, p.fail("%d is more than %d", v, limit)
	}
	return int(v), err
}

// skipLine skips the rest of a directive that changes nothing: it ends with its line.
func (p *parser) skipLine() error {
	for line := p.tok.line; p.tok.line == line && p.tok.kind != endOfText; {
		if err := p.advance(); err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) parse() error {
	if err := p.advance(); err != nil {
		return err
	}
	seen := map[string]bool{}
	for p.tok.kind != endOfText {
		directive := p.tok.text
		var err error
		switch directive {
		case ".version", ".target", ".address_size":
			seen[directive] = true
			err = p.header()
		case ".file":
			err = p.skipLine()
		case ".visible", ".weak":
			if err = p.advance(); err == nil && p.tok.text != ".entry" && p.tok.text != ".global" && p.tok.text != ".const" {
				err = p.fail("%s before %q is unknown", directive, p.tok.text)
			}
		case ".extern":
			err = p.extern()
		case ".shared", ".global", ".const":
			err = p.variable(p.globals, nil)
		case ".entry":
			if len(seen) != 3 {
				return p.fail("the module has no .version, .target and .address_size")
			}
			err = p.entry()
		default:
			err = p.fail("%q is unknown at the level of the module", directive)
		}
		if err != nil {
			return err
		}
	}
	if len(seen) != 3 {
		return p.fail("the module has no .version, .target and .address_size")
	}
	return nil
}

// header reads .version, .target or .address_size.
func (p *parser) header() error {
	directive := p.tok.text
	if err := p.advance(); err != nil {
		return err
	}
	value := p.tok
	switch directive {
	case ".version":
		v, err := strconv.ParseFloat(value.text, 64)
		if err != nil || v < 6 || v > 6.5 {
			return p.fail("version %q is unknown; the emulator knows 6.0 to 6.5", value.text)
		}
	case ".target":
		if n, err := strconv.Atoi(strings.TrimPrefix(value.text, "sm_")); err != nil || n > 70 {
			return p.fail("target %q is unknown; the emulator is an sm_70", value.text)
		}
	case ".address_size":
		if value.text != "64" {
			return p.fail("an address size of %s is unknown; want 64", value.text)
		}
	}
	if err := p.advance(); err != nil {
		return err
	}
	if p.tok.line == value.line && p.tok.kind != endOfText {
		return p.fail("%q after %s is unknown", p.tok.text, directive)
	}
	return nil
}

// extern reads a variable of dynamic shared memory.
func (p *parser) extern() error {
	if err := p.advance(); err != nil {
		return err
	}
	if p.tok.text != ".shared" {
		return p.fail(".extern %q is unknown; only .extern .shared is", p.tok.text)
	}
	v, err := p.declaration()
	if err != nil {
		return err
	}
	if !v.unsized {
		return p.fail(".extern .shared %s has a size; want []", v.name)
	}
	p.globals[v.name] = symbol{space: shared, dynamic: true}
	return p.expect(";")
}

// declared is what the declaration of a variable says.
type declared struct {
	name    string
	space   space
	typ     typ
	align   uint64
	bytes   uint64
	unsized bool
}

var spaces = map[string]space{".shared": shared, ".global": global, ".const": constants, ".local": local}

// declaration reads ".space [.align n] .type name [dims]".
func (p *parser) declaration() (declared, error) {
	d := declared{space: spaces[p.tok.text]}
	if err := p.advance(); err != nil {
		return d, err
	}
	if ok, err := p.accept(".align"); err != nil {
		return d, err
	} else if ok {
		n, err := p.size(4096)
		if err != nil {
			return d, err
		}
		if n == 0 || n&(n-1) != 0 {
			return d, p.fail("alignment %d is no power of two", n)
		}
		d.align = uint64(n)
	}
	t, ok := typeOf(p.tok.text)
	if !ok || t.kind == predicate {
		return d, p.fail("%q stands where the type of a variable is wanted", p.tok.text)
	}
	d.typ = t
	d.align = max(d.align, t.size())
	if err := p.advance(); err != nil {
		return d, err
	}
	var err error
	if d.name, err = p.take(word, "a name"); err != nil {
		return d, err
	}
	d.bytes = t.size()
	for {
		open, err := p.accept("[")
		if err != nil || !open {
			return d, err
		}
		if closed, err := p.accept("]"); err != nil {
			return d, err
		} else if closed {
			d.unsized = true
			continue
		}
		n, err := p.size(1 << 28)
		if err != nil {
			return d, err
		}
		if d.bytes *= uint64(n); d.bytes > 1<<28 {
			return d, p.fail("variable %s has more than %d bytes", d.name, 1<<28)
		}
		if err := p.expect("]"); err != nil {
			return d, err
		}
	}
}

// variable reads the declaration of a variable, with its values, into symbols. k is
// the kernel it belongs to, nil for the module.
func (p *parser) variable(symbols map[string]symbol, k *Kernel) error {
	d, err := p.declaration()
	if err != nil {
		return err
	}
	if _, ok := symbols[d.name]; ok {
		return p.fail("%s is declared twice", d.name)
	}
	if d.unsized || d.bytes == 0 {
		return p.fail("variable %s has no size", d.name)
	}
	switch d.space {
	case shared:
		if k == nil {
			return p.fail(".shared %s is declared outside a kernel, which is unknown", d.name)
		}
		addr := alignUp(uint64(k.Shared), d.align)
		k.Shared = int(addr + d.bytes)
		symbols[d.name] = symbol{space: shared, addr: addr}
	case local:
		addr := alignUp(k.local, d.align)
		k.local = addr + d.bytes
		symbols[d.name] = symbol{space: local, addr: addr}
	default:
		values, err := p.values(d)
		if err != nil {
			return err
		}
		addr, ok := p.module.memory.Alloc(d.bytes)
		if !ok {
			return p.fail("%d bytes for variable %s do not fit in the memory of the device", d.bytes, d.name)
		}
		p.module.variables = append(p.module.variables, addr)
		if err := p.module.memory.Write(addr, values); err != nil {
			return p.fail("%v", err)
		}
		symbols[d.name] = symbol{space: d.space, addr: addr}
	}
	return p.expect(";")
}

// values reads "= {…}", and returns the bytes of the variable: zeros where it says
// nothing.
func (p *parser) values(d declared) ([]byte, error) {
	data := make([]byte, d.bytes)
	if ok, err := p.accept("="); err != nil || !ok {
		return data, err
	}
	braces, err := p.accept("{")
	if err != nil {
		return nil, err
	}
	size := d.typ.size()
	for i := uint64(0); ; i++ {
		if (i+1)*size > d.bytes {
			return nil, p.fail("%s has more values than its size of %d bytes", d.name, d.bytes)
		}
		v, err := p.immediate(d.typ)
		if err != nil {
			return nil, err
		}
		store(data[i*size:], size, v)
		if more, err := p.accept(","); err != nil {
			return nil, err
		} else if !more || !braces {
			break
		}
	}
	if braces {
		return data, p.expect("}")
	}
	return data, nil
}

// immediate reads a number of a type: an integer, or the bits of a float.
func (p *parser) immediate(t typ) (uint64, error) {
	text := p.tok.text
	if p.tok.kind == number && len(text) > 2 && text[0] == '0' && strings.ContainsRune("fFdD", rune(text[1])) {
		digits, bits := 8, 32
		if text[1] == 'd' || text[1] == 'D' {
			digits, bits = 16, 64
		}
		v, err := strconv.ParseUint(text[2:], 16, bits)
		if err != nil || len(text) != 2+digits {
			return 0, p.fail("%q is no float of %d hexadecimal digits", text, digits)
		}
		if t.bits != bits || t.kind == signed || t.kind == unsigned || t.kind == predicate {
			return 0, p.fail("the float %q stands where a value of another type is wanted", text)
		}
		return v, p.advance()
	}
	v, err := p.integer()
	if err != nil {
		return 0, err
	}
	if t.kind == float {
		return 0, p.fail("the integer %d stands where a float is wanted", int64(v))
	}
	if high := v &^ t.mask(); high != 0 && (high != ^t.mask() || t.kind == unsigned && t.bits < 32) {
		return 0, p.fail("%d does not fit in %d bits", int64(v), t.bits)
	}
	return v & t.mask(), nil
}

// entry reads a kernel.
func (p *parser) entry() error {
	if err := p.advance(); err != nil {
		return err
	}
	name, err := p.take(word, "the name of a kernel")
	if err != nil {
		return err
	}
	if p.module.Kernels[name] != nil {
		return p.fail("kernel %s is defined twice", name)
	}
	k := &Kernel{Name: name, source: p.source}
	b := newBody(p, k)
	if err := p.parameters(k, b); err != nil {
		return err
	}
	if err := p.performance(k); err != nil {
		return err
	}
	if err := b.parse(); err != nil {
		return err
	}
	p.module.Kernels[name] = k
	return nil
}

// parameters reads "(.param .type name, …)".
func (p *parser) parameters(k *Kernel, b *body) error {
	if ok, err := p.accept("("); err != nil || !ok {
		return err
	}
	if ok, err := p.accept(")"); err != nil || ok {
		return err
	}
	for {
		if err := p.expect(".param"); err != nil {
			return err
		}
		t, ok := typeOf(p.tok.text)
		if !ok || t.kind == predicate {
			return p.fail("a parameter of type %q is unknown; kernels take numbers and pointers", p.tok.text)
		}
		if err := p.advance(); err != nil {
			return err
		}
		if err := p.pointer(); err != nil {
			return err
		}
		name, err := p.take(word, "the name of a parameter")
		if err != nil {
			return err
		}
		if _, ok := b.params[name]; ok {
			return p.fail("parameter %s is declared twice", name)
		}
		b.params[name] = int32(len(k.Params))
		k.Params = append(k.Params, Param{Name: name, Size: int(t.size())})
		if more, err := p.accept(","); err != nil {
			return err
		} else if !more {
			return p.expect(")")
		}
	}
}

// pointer reads the ".ptr .space .align n" of a parameter, which binds nobody.
func (p *parser) pointer() error {
	if ok, err := p.accept(".ptr"); err != nil || !ok {
		return err
	}
	if _, ok := spaces[p.tok.text]; ok {
		if err := p.advance(); err != nil {
			return err
		}
	}
	if ok, err := p.accept(".align"); err != nil || !ok {
		return err
	}
	_, err := p.integer()
	return err
}

// performance reads the directives between a kernel's parameters and its body.
func (p *parser) performance(k *Kernel) error {
	for p.tok.text != "{" {
		directive := p.tok.text
		if !slices.Contains([]string{".maxntid", ".reqntid", ".minnctapersm", ".maxnreg"}, directive) {
			return p.fail("%q is unknown before the body of a kernel", directive)
		}
		if err := p.advance(); err != nil {
			return err
		}
		d := Dim3{1, 1, 1}
		for _, axis := range []*int{&d.X, &d.Y, &d.Z} {
			n, err := p.size(math.MaxInt16)
			if err != nil {
				return err
			}
			*axis = n
			if more, err := p.accept(","); err != nil {
				return err
			} else if !more {
				break
			}
		}
		switch directive {
		case ".maxntid":
			k.MaxThreads = d.count()
		case ".reqntid":
			k.Required = d
		}
	}
	return nil
}

func alignUp(n, align uint64) uint64 { return (n + align - 1) / align * align }
