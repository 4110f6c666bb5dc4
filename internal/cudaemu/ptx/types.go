package ptx

import "strings"

// typeKind is a family of PTX types.
type typeKind uint8

const (
	untyped  typeKind = iota // .b8 to .b64
	unsigned                 // .u8 to .u64
	signed                   // .s8 to .s64
	float                    // .f16, .f32, .f64
	predicate
)

// typ is a PTX type.
type typ struct {
	kind typeKind
	bits int
}

var typeNames = map[string]typ{
	"pred": {predicate, 1},
	"b8":   {untyped, 8}, "b16": {untyped, 16}, "b32": {untyped, 32}, "b64": {untyped, 64},
	"u8": {unsigned, 8}, "u16": {unsigned, 16}, "u32": {unsigned, 32}, "u64": {unsigned, 64},
	"s8": {signed, 8}, "s16": {signed, 16}, "s32": {signed, 32}, "s64": {signed, 64},
	"f16": {float, 16}, "f32": {float, 32}, "f64": {float, 64},
}

// typeOf returns the type of a directive such as ".u32".
func typeOf(directive string) (typ, bool) {
	name, dot := strings.CutPrefix(directive, ".")
	t, ok := typeNames[name]
	return t, ok && dot
}

func (t typ) mask() uint64 { return ^uint64(0) >> (64 - t.bits) }

func (t typ) size() uint64 { return uint64(t.bits) / 8 }

// extend returns v, a value of type t, with its sign spread over 64 bits where t
// has one. Registers hold values with zeros above their width.
func (t typ) extend(v uint64) uint64 {
	if t.kind != signed {
		return v
	}
	shift := 64 - t.bits
	return uint64(int64(v<<shift) >> shift)
}
