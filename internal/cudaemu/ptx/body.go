package ptx

import (
	"slices"
	"strconv"
	"strings"
)

// register is a declared register. Predicates and the others are numbered apart.
type register struct {
	index int32
	typ   typ
}

// operand is an operand as it is written.
type operand struct {
	reg     *register
	negated bool
	value   uint64 // of an immediate
	bits    int    // of an immediate float: 32 or 64; 0 for an integer
	name    string // of a symbol, label or special register
	address bool   // [base+offset]: base is reg or name
	offset  uint64
	list    []operand // {a, b, …}
	second  *operand  // a|b
	sink    bool      // _
}

// body parses the body of a kernel and decodes its instructions.
type body struct {
	*parser
	kernel   *Kernel
	params   map[string]int32
	symbols  map[string]symbol
	scopes   []map[string]register
	labels   map[string]int32
	tables   map[string][]string // of .branchtargets
	values   map[uint64]int32    // columns of constants
	specials map[string]int32
	dynamics map[int32]uint64 // columns that hold the address of dynamic shared memory
	jumps    []jump
	mnemonic string
	line     int
}

// jump is a branch whose labels are not known yet.
type jump struct {
	at    int
	label string
	table string
	line  int
}

func newBody(p *parser, k *Kernel) *body {
	symbols := map[string]symbol{}
	for name, s := range p.globals {
		symbols[name] = s
	}
	return &body{
		parser: p, kernel: k, params: map[string]int32{}, symbols: symbols, scopes: []map[string]register{{}}, labels: map[string]int32{},
		tables: map[string][]string{}, values: map[uint64]int32{}, specials: map[string]int32{}, dynamics: map[int32]uint64{},
	}
}

// parse reads "{ … }".
func (b *body) parse() error {
	k := b.kernel
	// The parameters are the first columns; the launch fills them in.
	k.columns = len(k.Params)
	if err := b.expect("{"); err != nil {
		return err
	}
	for len(b.scopes) > 0 {
		if err := b.statement(); err != nil {
			return err
		}
	}
	if len(k.code) == 0 || !k.code[len(k.code)-1].ends() {
		return b.fail("the body of %s runs past its end; want ret, exit or a branch last", k.Name)
	}
	for _, j := range b.jumps {
		if err := b.resolve(j); err != nil {
			return err
		}
	}
	k.dynamicBase = alignUp(uint64(k.Shared), 16)
	for i, c := range k.constants {
		if _, ok := b.dynamics[c.column]; ok {
			k.constants[i].value += k.dynamicBase
		}
	}
	k.findExposed()
	return nil
}

// resolve fills in where a branch goes.
func (b *body) resolve(j jump) error {
	in := &b.kernel.code[j.at]
	names := []string{j.label}
	if j.table != "" {
		var ok bool
		if names, ok = b.tables[j.table]; !ok {
			return b.errorf(j.line, "the table of branch targets %s is not defined", j.table)
		}
	}
	for _, name := range names {
		at, ok := b.labels[name]
		if !ok {
			return b.errorf(j.line, "label %s is not defined", name)
		}
		if int(at) >= len(b.kernel.code) {
			return b.errorf(j.line, "label %s stands after the last instruction", name)
		}
		in.targets = append(in.targets, at)
	}
	return nil
}

// statement reads a declaration, a label, a brace or an instruction.
func (b *body) statement() error {
	switch text := b.tok.text; {
	case b.tok.kind == endOfText:
		return b.fail("the body of %s has no end", b.kernel.Name)
	case text == "{":
		b.scopes = append(b.scopes, map[string]register{})
		return b.advance()
	case text == "}":
		b.scopes = b.scopes[:len(b.scopes)-1]
		return b.advance()
	case text == ".reg":
		return b.registers()
	case text == ".loc":
		return b.skipLine()
	case text == ".pragma":
		if err := b.advance(); err != nil {
			return err
		}
		if _, err := b.take(quoted, "a string"); err != nil {
			return err
		}
		return b.expect(";")
	case text == ".shared" || text == ".local":
		return b.variable(b.symbols, b.kernel)
	case text == "@" || b.tok.kind == word && text[0] != '.' && text[0] != '%':
		return b.labelOrInstruction()
	}
	return b.fail("%q is unknown in the body of a kernel", b.tok.text)
}

// registers reads ".reg .type %name<n>, …;".
func (b *body) registers() error {
	if err := b.advance(); err != nil {
		return err
	}
	t, ok := typeOf(b.tok.text)
	if !ok || t.bits == 8 {
		return b.fail("registers of type %q are unknown", b.tok.text)
	}
	if err := b.advance(); err != nil {
		return err
	}
	for {
		name, err := b.take(word, "the name of a register")
		if err != nil {
			return err
		}
		open, err := b.accept("<")
		if err != nil {
			return err
		}
		names := []string{name}
		if open {
			n, err := b.size(1 << 16)
			if err != nil {
				return err
			}
			names = names[:0]
			for i := range n {
				names = append(names, name+strconv.Itoa(i))
			}
			if err := b.expect(">"); err != nil {
				return err
			}
		}
		for _, name := range names {
			if err := b.declare(name, t); err != nil {
				return err
			}
		}
		if more, err := b.accept(","); err != nil {
			return err
		} else if !more {
			return b.expect(";")
		}
	}
}

func (b *body) declare(name string, t typ) error {
	scope := b.scopes[len(b.scopes)-1]
	if _, ok := scope[name]; ok {
		return b.fail("register %s is declared twice", name)
	}
	if t.kind == predicate {
		scope[name] = register{int32(b.kernel.predicates), t}
		b.kernel.predicates++
		return nil
	}
	scope[name] = register{b.column(), t}
	return nil
}

// column returns a new register column.
func (b *body) column() int32 {
	b.kernel.columns++
	return int32(b.kernel.columns - 1)
}

// constant returns the column that holds v for every thread.
func (b *body) constant(v uint64) int32 {
	c, ok := b.values[v]
	if !ok {
		c = b.column()
		b.values[v] = c
		b.kernel.constants = append(b.kernel.constants, constant{c, v})
	}
	return c
}

// labelOrInstruction tells "name:" from "name operands;".
func (b *body) labelOrInstruction() error {
	b.line = b.tok.line
	guard, negated, err := b.guard()
	if err != nil {
		return err
	}
	name, err := b.take(word, "an instruction")
	if err != nil {
		return err
	}
	if guard < 0 {
		if label, err := b.accept(":"); err != nil {
			return err
		} else if label {
			return b.label(name)
		}
	}
	b.mnemonic = name
	var operands []operand
	for b.tok.text != ";" {
		o, err := b.operand()
		if err != nil {
			return err
		}
		operands = append(operands, o)
		if more, err := b.accept(","); err != nil {
			return err
		} else if !more {
			break
		}
	}
	if b.tok.text != ";" {
		return b.fail("%q stands where ; is wanted", b.tok.text)
	}
	in := instr{line: int32(b.line), guard: guard, negated: negated, name: name, d2: -1}
	if err := b.decode(&in, operands); err != nil {
		return b.errorf(b.line, "%s: %v", name, err)
	}
	b.kernel.code = append(b.kernel.code, in)
	return b.advance()
}

// guard reads "@p" or "@!p"; the index is -1 where there is none.
func (b *body) guard() (index int32, negated bool, err error) {
	if ok, err := b.accept("@"); err != nil || !ok {
		return -1, false, err
	}
	if negated, err = b.accept("!"); err != nil {
		return -1, false, err
	}
	r, ok := b.lookup(b.tok.text)
	if !ok || r.typ.kind != predicate {
		return -1, false, b.fail("%q stands where a predicate is wanted", b.tok.text)
	}
	return r.index, negated, b.advance()
}

func (b *body) lookup(name string) (register, bool) {
	for _, scope := range slices.Backward(b.scopes) {
		if r, ok := scope[name]; ok {
			return r, true
		}
	}
	return register{}, false
}

// label defines a label, or reads its table of branch targets.
func (b *body) label(name string) error {
	if _, ok := b.labels[name]; ok || b.tables[name] != nil {
		return b.fail("label %s is defined twice", name)
	}
	if b.tok.text != ".branchtargets" {
		b.labels[name] = int32(len(b.kernel.code))
		return nil
	}
	if err := b.advance(); err != nil {
		return err
	}
	for {
		target, err := b.take(word, "a label")
		if err != nil {
			return err
		}
		b.tables[name] = append(b.tables[name], target)
		if more, err := b.accept(","); err != nil {
			return err
		} else if !more {
			return b.expect(";")
		}
	}
}

// operand reads one operand.
func (b *body) operand() (operand, error) {
	o, err := b.simpleOperand()
	if err != nil {
		return o, err
	}
	if pair, err := b.accept("|"); err != nil || !pair {
		return o, err
	}
	second, err := b.simpleOperand()
	o.second = &second
	return o, err
}

func (b *body) simpleOperand() (operand, error) {
	var o operand
	switch text := b.tok.text; {
	case text == "{":
		return b.listOperand()
	case text == "[":
		return b.addressOperand()
	case text == "!":
		if err := b.advance(); err != nil {
			return o, err
		}
		o, err := b.simpleOperand()
		o.negated = true
		if err == nil && (o.reg == nil || o.reg.typ.kind != predicate) {
			err = b.fail("! stands before what is no predicate")
		}
		return o, err
	case b.tok.kind == number && len(text) == 10 && (text[1] == 'f' || text[1] == 'F'):
		v, err := b.immediate(typ{float, 32})
		return operand{value: v, bits: 32}, err
	case b.tok.kind == number && len(text) == 18 && (text[1] == 'd' || text[1] == 'D'):
		v, err := b.immediate(typ{float, 64})
		return operand{value: v, bits: 64}, err
	case b.tok.kind == number || text == "-":
		v, err := b.integer()
		return operand{value: v}, err
	case text == "_":
		return operand{sink: true}, b.advance()
	case text == "WARP_SZ":
		return operand{value: warpSize}, b.advance()
	}
	name, err := b.take(word, "an operand")
	if err != nil {
		return o, err
	}
	if r, ok := b.lookup(name); ok {
		return operand{reg: &r}, nil
	}
	return operand{name: name}, nil
}

// listOperand reads "{a, b, …}".
func (b *body) listOperand() (operand, error) {
	if err := b.advance(); err != nil {
		return operand{}, err
	}
	o := operand{list: []operand{}}
	for {
		x, err := b.simpleOperand()
		if err != nil {
			return o, err
		}
		if x.list != nil {
			return o, b.fail("a list in a list is unknown")
		}
		o.list = append(o.list, x)
		if more, err := b.accept(","); err != nil {
			return o, err
		} else if !more {
			return o, b.expect("}")
		}
	}
}

// addressOperand reads "[base]", "[base+n]", "[base-n]" or "[n]".
func (b *body) addressOperand() (operand, error) {
	if err := b.advance(); err != nil {
		return operand{}, err
	}
	o, err := b.simpleOperand()
	if err != nil {
		return o, err
	}
	if o.list != nil || o.address || o.sink || o.negated || o.bits != 0 {
		return o, b.fail("this address is unknown")
	}
	o.address = true
	if plus, err := b.accept("+"); err != nil {
		return o, err
	} else if plus || b.tok.text == "-" {
		if o.offset, err = b.integer(); err != nil {
			return o, err
		}
	}
	return o, b.expect("]")
}

// special returns the column of a special register.
func (b *body) special(name string) (int32, bool) {
	if c, ok := b.specials[name]; ok {
		return c, true
	}
	if !slices.Contains(specialRegisters, name) {
		return 0, false
	}
	c := b.column()
	b.specials[name] = c
	b.kernel.specials = append(b.kernel.specials, special{c, name})
	return c, true
}

// specialRegisters are those that a kernel may read.
var specialRegisters = func() []string {
	names := []string{"%laneid", "%warpid", "%nwarpid", "%lanemask_eq", "%lanemask_lt", "%lanemask_le", "%lanemask_gt", "%lanemask_ge"}
	for _, of := range []string{"%tid", "%ntid", "%ctaid", "%nctaid"} {
		for axis := range strings.SplitSeq(".x .y .z", " ") {
			names = append(names, of+axis)
		}
	}
	return names
}()
