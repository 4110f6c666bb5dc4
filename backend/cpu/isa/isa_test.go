package isa

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestChoose(t *testing.T) {
	all := []ISA{Generic, AVX2, AVX512}
	for _, c := range []struct {
		name string
		want string
		have []ISA
		set  ISA
		err  string
	}{
		{name: "best", have: all, set: AVX512},
		{name: "best of less", have: all[:2], set: AVX2},
		{name: "best of nothing", have: all[:1], set: Generic},
		{name: "by hand", want: "avx2", have: all, set: AVX2},
		{name: "generic by hand", want: "generic", have: all, set: Generic},
		{name: "not here", want: "avx512", have: all[:2], err: "WENGERT_ISA: this machine does not run avx512; the best it runs is avx2"},
		{name: "no such set", want: "AVX", have: all, err: `WENGERT_ISA: unknown instruction set "AVX"; want one of generic, avx2, avx512`},
	} {
		t.Run(c.name, func(t *testing.T) {
			set, err := choose(c.want, c.have)
			if c.err != "" {
				require.EqualError(t, err, c.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.set, set)
		})
	}
}

func TestParseReadsString(t *testing.T) {
	for _, set := range []ISA{Generic, AVX2, AVX512} {
		got, err := Parse(set.String())
		require.NoError(t, err)
		assert.Equal(t, set, got)
	}
}

func TestChooseByName(t *testing.T) {
	t.Setenv(Env, "generic")
	got, err := Choose("")
	require.NoError(t, err)
	assert.Equal(t, Generic, got, "no name: the variable")
	for _, set := range Supported() {
		got, err := Choose(set.String())
		require.NoError(t, err)
		assert.Equal(t, set, got, "the name goes before the variable")
	}
	_, err = Choose("sse")
	require.EqualError(t, err, `unknown instruction set "sse"; want one of generic, avx2, avx512`)
}

func TestDetectFollowsVariable(t *testing.T) {
	for _, set := range Supported() {
		t.Setenv(Env, set.String())
		got, err := Detect()
		require.NoError(t, err)
		assert.Equal(t, set, got)
	}
}
