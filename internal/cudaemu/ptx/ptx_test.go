package ptx_test

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/internal/cudaemu/ptx"
)

// device is a machine with memory, for one test.
type device struct {
	*ptx.Machine
	t *testing.T
}

func newDevice(t *testing.T) *device {
	return &device{&ptx.Machine{Memory: &ptx.Memory{}}, t}
}

// words returns the address of new memory that holds v.
func (d *device) words(v ...uint32) uint64 {
	d.t.Helper()
	addr, ok := d.Memory.Alloc(uint64(4 * len(v)))
	require.True(d.t, ok)
	require.NoError(d.t, d.Memory.Write(addr, bytesOf(v)))
	return addr
}

func bytesOf(v []uint32) []byte {
	var p []byte
	for _, x := range v {
		p = binary.LittleEndian.AppendUint32(p, x)
	}
	return p
}

// read returns n words at addr.
func (d *device) read(addr uint64, n int) []uint32 {
	d.t.Helper()
	p, err := d.Memory.Bytes(addr, uint64(4*n))
	require.NoError(d.t, err)
	v := make([]uint32, n)
	for i := range v {
		v[i] = binary.LittleEndian.Uint32(p[4*i:])
	}
	return v
}

// kernel wraps instructions in a kernel k(u64 x, u64 y, u32 n) with %rx, %ry and %n
// loaded, %t the thread in the block, %i that in the grid, and %px, %py the addresses
// of word i of x and y.
func kernel(body string) string {
	return `.version 6.3
.target sm_70
.address_size 64
.visible .entry k(.param .u64 k_0, .param .u64 k_1, .param .u32 k_2)
{
	.reg .pred %p<8>;
	.reg .b16 %h<8>;
	.reg .b32 %r<16>, %n, %t, %i, %b, %nt;
	.reg .f32 %f<16>;
	.reg .b64 %rd<16>, %rx, %ry, %px, %py;
	.reg .f64 %fd<8>;
	ld.param.u64 %rx, [k_0];
	ld.param.u64 %ry, [k_1];
	ld.param.u32 %n, [k_2];
	cvta.to.global.u64 %rx, %rx;
	cvta.to.global.u64 %ry, %ry;
	mov.u32 %t, %tid.x;
	mov.u32 %b, %ctaid.x;
	mov.u32 %nt, %ntid.x;
	mad.lo.s32 %i, %b, %nt, %t;
	mul.wide.u32 %rd0, %i, 4;
	add.s64 %px, %rx, %rd0;
	add.s64 %py, %ry, %rd0;
` + body + `
	ret;
}
`
}

// run launches a kernel of kernel on a number of blocks and threads.
func (d *device) run(body string, blocks, threads int, x, y uint64, n int) error {
	d.t.Helper()
	return d.launch(kernel(body), blocks, threads, x, y, n)
}

func (d *device) launch(text string, blocks, threads int, x, y uint64, n int) error {
	d.t.Helper()
	module, err := ptx.Load(d.Memory, text)
	require.NoError(d.t, err)
	s := ptx.Shape{Grid: ptx.Dim3{X: blocks, Y: 1, Z: 1}, Block: ptx.Dim3{X: threads, Y: 1, Z: 1}}
	return d.Launch(module.Kernels["k"], s, []uint64{x, y, uint64(uint32(n))})
}

func TestLaunchComputes(t *testing.T) {
	d := newDevice(t)
	x, y := d.words(make([]uint32, 100)...), d.words(make([]uint32, 100)...)
	err := d.run(`
	setp.ge.s32 %p0, %i, %n;
	@%p0 bra DONE;
	st.global.u32 [%py], %i;
DONE:`, 4, 32, x, y, 100)
	require.NoError(t, err)
	for i, v := range d.read(y, 100) {
		require.EqualValues(t, i, v)
	}
}

func TestThreadsThatPartMeetAgain(t *testing.T) {
	// Odd lanes loop as often as their number; then all 32 shuffle together.
	d := newDevice(t)
	y := d.words(make([]uint32, 32)...)
	err := d.run(`
	mov.u32 %r0, 0;
	and.b32 %r1, %t, 1;
	setp.eq.s32 %p0, %r1, 0;
	@%p0 bra JOIN;
LOOP:
	add.s32 %r0, %r0, 1;
	setp.lt.u32 %p1, %r0, %t;
	@%p1 bra LOOP;
JOIN:
	shfl.sync.bfly.b32 %r2, %r0, 1, 31, -1;
	st.global.u32 [%py], %r2;`, 1, 32, y, y, 0)
	require.NoError(t, err)
	got := d.read(y, 32)
	for lane := range 32 {
		want := uint32(0)
		if lane%2 == 0 {
			want = uint32(lane + 1)
		}
		require.Equal(t, want, got[lane], "lane %d", lane)
	}
}

func TestIndexedBranch(t *testing.T) {
	d := newDevice(t)
	y := d.words(make([]uint32, 4)...)
	const body = `
	{
	$table: .branchtargets A, B, A;
	brx.idx %t, $table;
	}
A:
	st.global.u32 [%py], 10;
	bra.uni END;
B:
	st.global.u32 [%py], 20;
END:`
	require.NoError(t, d.run(body, 1, 3, y, y, 0))
	assert.Equal(t, []uint32{10, 20, 10, 0}, d.read(y, 4))
	var fault *ptx.Fault
	require.ErrorAs(t, d.run(body, 1, 4, y, y, 0), &fault)
	assert.Equal(t, ptx.BadBranch, fault.Kind)
	assert.Equal(t, ptx.Dim3{X: 3}, fault.Thread)
}

func TestSharedAndAtomics(t *testing.T) {
	// Each block adds its threads' numbers in shared memory, then to y[0].
	d := newDevice(t)
	y := d.words(0, 0)
	err := d.run(`
	.shared .align 4 .u32 sum;
	mov.u64 %rd1, sum;
	setp.ne.s32 %p0, %t, 0;
	@%p0 bra READY;
	st.shared.u32 [sum], 0;
READY:
	bar.sync 0;
	atom.shared.add.u32 %r0, [%rd1], %t;
	bar.sync 0;
	@%p0 bra DONE;
	ld.shared.u32 %r1, [sum];
	red.global.add.u32 [%ry], %r1;
DONE:`, 3, 100, y, y, 0)
	require.NoError(t, err)
	assert.EqualValues(t, 3*4950, d.read(y, 1)[0])
}

func TestLocalMemoryAndVectors(t *testing.T) {
	d := newDevice(t)
	x, y := d.words(1, 2, 3, 4), d.words(0, 0, 0, 0)
	err := d.run(`
	.local .align 16 .b8 depot[16];
	mov.u64 %rd1, depot;
	cvta.local.u64 %rd2, %rd1;
	ld.global.nc.v4.u32 {%r0, %r1, %r2, %r3}, [%rx];
	st.local.v2.u32 [%rd1], {%r3, %r2};
	st.v2.u32 [%rd2+8], {%r1, %r0};
	ld.v4.u32 {%r4, %r5, %r6, %r7}, [%rd2];
	mov.b64 %rd3, {%r4, %r5};
	st.global.u64 [%ry], %rd3;
	st.global.v2.u32 [%ry+8], {%r6, %r7};`, 1, 1, x, y, 0)
	require.NoError(t, err)
	assert.Equal(t, []uint32{4, 3, 2, 1}, d.read(y, 4))
}

func TestModuleVariables(t *testing.T) {
	d := newDevice(t)
	y := d.words(0)
	text := strings.Replace(kernel(`
	mul.wide.u32 %rd1, %n, 2;
	mov.u64 %rd2, table;
	add.s64 %rd2, %rd2, %rd1;
	ld.const.u16 %r0, [%rd2];
	st.global.u32 [%ry], %r0;`), ".visible", ".const .align 2 .u16 table[3] = {7, 8, 65535};\n.visible", 1)
	require.NoError(t, d.launch(text, 1, 1, y, y, 2))
	assert.EqualValues(t, 65535, d.read(y, 1)[0])
}

// fault is a kernel with a fault planted in it.
type fault struct {
	name    string
	kind    ptx.FaultKind
	body    string
	blocks  int
	threads int
	at      string // of the source line
	thread  int
	detail  string
	mended  [2]string // the planted line, and what mends it
}

var faults = []fault{
	{name: "index-past-the-end", kind: ptx.OutOfBounds, blocks: 1, threads: 9, thread: 8, at: "st.global.u32 [%py], 1;", detail: "32 bytes into an allocation of 32",
		body: "st.global.u32 [%py], 1;", mended: [2]string{"st.global", "setp.lt.u32 %p0, %t, 8; @%p0 st.global"}},
	{name: "index-before-the-start", kind: ptx.OutOfBounds, blocks: 1, threads: 1, at: "ld.global.u32 %r0, [%rx+-4];", detail: "4 bytes before an allocation",
		body: "ld.global.u32 %r0, [%rx+-4];", mended: [2]string{"+-4", "+4"}},
	{name: "vector-over-the-end", kind: ptx.OutOfBounds, blocks: 1, threads: 1, at: "ld.global.v4.u32 {%r0, %r1, %r2, %r3}, [%rx+24];", detail: "24 bytes into",
		body: "ld.global.v4.u32 {%r0, %r1, %r2, %r3}, [%rx+24];", mended: [2]string{"+24", "+16"}},
	{name: "global-pointer-in-shared", kind: ptx.OutOfBounds, blocks: 1, threads: 1, at: "ld.shared.u32 %r0, [%rx];", detail: "it is an address of global memory",
		body: "ld.shared.u32 %r0, [%rx];", mended: [2]string{"shared", "global"}},
	{name: "shared-past-the-end", kind: ptx.OutOfBounds, blocks: 1, threads: 1, at: "st.shared.u32 [s+16], 1;", detail: "16 bytes of shared memory",
		body: ".shared .align 4 .b8 s[16];\nst.shared.u32 [s+16], 1;", mended: [2]string{"+16", "+12"}},
	{name: "misaligned-word", kind: ptx.Misaligned, blocks: 1, threads: 1, at: "ld.global.u32 %r0, [%rx+2];", detail: "4 bytes",
		body: "ld.global.u32 %r0, [%rx+2];", mended: [2]string{"+2", "+4"}},
	{name: "misaligned-vector", kind: ptx.Misaligned, blocks: 1, threads: 1, at: "st.global.v2.u32 [%rx+4], {%r0, %r0};", detail: "8 bytes",
		body: "mov.u32 %r0, 1;\nst.global.v2.u32 [%rx+4], {%r0, %r0};", mended: [2]string{"+4", "+8"}},
	{name: "misaligned-atomic", kind: ptx.Misaligned, blocks: 1, threads: 1, at: "red.global.add.u64 [%rx+4], 1;", detail: "8 bytes",
		body: "red.global.add.u64 [%rx+4], 1;", mended: [2]string{"+4", "+8"}},
	{name: "uninitialised-shared", kind: ptx.Uninitialised, blocks: 2, threads: 1, at: "ld.shared.u32 %r0, [s];", detail: "shared",
		body: ".shared .u32 s;\nst.shared.u32 [s], 1;\nld.shared.u32 %r0, [s];", mended: [2]string{}},
	{name: "missing-barrier", kind: ptx.Race, blocks: 1, threads: 64, thread: 0, at: "ld.shared.u32 %r0, [s+4];", detail: "thread",
		body: `.shared .align 4 .b8 s[512];
	mov.u64 %rd1, s;
	mul.wide.u32 %rd2, %t, 4;
	add.s64 %rd1, %rd1, %rd2;
	st.shared.u32 [%rd1], %t;
	// barrier
	ld.shared.u32 %r0, [s+4];`, mended: [2]string{"// barrier", "bar.sync 0;"}},
	{name: "missing-second-barrier", kind: ptx.Race, blocks: 1, threads: 64, at: "st.shared.u32 [s], 2;", detail: "several threads",
		body: `.shared .align 4 .b8 s[4];
	setp.ne.s32 %p0, %t, 0;
	@%p0 bra A;
	st.shared.u32 [s], 1;
A:	bar.sync 0;
	ld.shared.u32 %r0, [s];
	// barrier
	@%p0 bra B;
	st.shared.u32 [s], 2;
B:`, thread: 0, mended: [2]string{"// barrier", "bar.sync 0;"}},
	{name: "missing-warp-barrier", kind: ptx.Race, blocks: 1, threads: 32, at: "ld.shared.u32 %r0, [s+4];", detail: "thread (1,0,0)",
		body: `.shared .align 4 .b8 s[128];
	mov.u64 %rd1, s;
	mul.wide.u32 %rd2, %t, 4;
	add.s64 %rd1, %rd1, %rd2;
	st.shared.u32 [%rd1], %t;
	// barrier
	ld.shared.u32 %r0, [s+4];`, mended: [2]string{"// barrier", "bar.warp.sync -1;"}},
	{name: "two-blocks-write", kind: ptx.Race, blocks: 2, threads: 1, at: "st.global.u32 [%rx], 1;", detail: "another block wrote",
		body: "st.global.u32 [%rx], 1;", mended: [2]string{"[%rx]", "[%px]"}},
	{name: "block-reads-what-another-wrote", kind: ptx.Race, blocks: 2, threads: 1, at: "ld.global.u32 %r0, [%rx];", detail: "another block wrote",
		body: "st.global.u32 [%px], 1;\nld.global.u32 %r0, [%rx];", mended: [2]string{"%r0, [%rx]", "%r0, [%ry]"}},
	{name: "block-writes-what-another-read", kind: ptx.Race, blocks: 2, threads: 1, at: "st.global.u32 [%rx+4], 1;", detail: "another block read",
		body: "ld.global.u32 %r0, [%rx+4];\nsetp.eq.s32 %p0, %b, 0;\n@%p0 bra E;\nst.global.u32 [%rx+4], 1;\nE:", mended: [2]string{"st.global.u32 [%rx", "st.global.u32 [%ry"}},
	{name: "plain-and-atomic", kind: ptx.Race, blocks: 2, threads: 1, at: "red.global.add.u32 [%rx], 1;", detail: "another block read",
		body: "red.global.add.u32 [%rx], 1;\nld.global.u32 %r0, [%rx];", mended: [2]string{"ld.global", "ld.relaxed.gpu.global"}},
	{name: "read-only-load-of-written", kind: ptx.Race, blocks: 1, threads: 1, at: "ld.global.nc.u32 %r0, [%rx];", detail: "ld.global.nc",
		body: "st.global.u32 [%rx], 1;\nld.global.nc.u32 %r0, [%rx];", mended: [2]string{".nc", ""}},
	{name: "divergent-barrier", kind: ptx.DivergentBarrier, blocks: 1, threads: 64, thread: 1, at: "bar.sync 0;", detail: "barrier of line",
		body: "setp.eq.s32 %p0, %t, 0;\n@%p0 bra A;\nbar.sync 0;\nbra.uni B;\nA: bar.sync 0;\nB:", mended: [2]string{"@%p0 bra A;", ""}},
	{name: "barrier-after-return", kind: ptx.DivergentBarrier, blocks: 1, threads: 64, thread: 63, at: "bar.sync 0;", detail: "has ended",
		body: "setp.gt.s32 %p0, %t, 62;\n@%p0 ret;\nbar.sync 0;", mended: [2]string{"@%p0 ret;", ""}},
	{name: "shuffle-names-absent-lanes", kind: ptx.DivergentBarrier, blocks: 1, threads: 32, thread: 0, at: "shfl.sync.bfly.b32 %r0, %t, 1, 31, -1;", detail: "have ended",
		body: "setp.gt.s32 %p0, %t, 15;\n@%p0 ret;\nshfl.sync.bfly.b32 %r0, %t, 1, 31, -1;", mended: [2]string{"-1;", "65535;"}},
	{name: "shuffle-without-itself", kind: ptx.DivergentBarrier, blocks: 1, threads: 32, thread: 16, at: "shfl.sync.bfly.b32 %r0, %t, 1, 31, 65535;", detail: "not in its own",
		body: "shfl.sync.bfly.b32 %r0, %t, 1, 31, 65535;", mended: [2]string{"65535;", "-1;"}},
	{name: "shuffle-in-a-branch", kind: ptx.DivergentBarrier, blocks: 1, threads: 32, at: "shfl.sync.bfly.b32 %r0, %t, 1, 31, -1;", detail: "do not arrive",
		body: "setp.gt.s32 %p0, %t, 15;\n@%p0 bra E;\nshfl.sync.bfly.b32 %r0, %t, 1, 31, -1;\nE:", mended: [2]string{"@%p0 bra E;", ""}},
	{name: "runaway", kind: ptx.Runaway, blocks: 1, threads: 1, at: "bra.uni A;", detail: "limit",
		body: "A:\nbra.uni A;\n", mended: [2]string{"bra.uni A;", ""}},
	{name: "division-by-zero", kind: ptx.DivideByZero, blocks: 1, threads: 3, thread: 2, at: "div.s32 %r1, 7, %r0;", detail: "7 is divided",
		body: "sub.s32 %r0, 2, %t;\ndiv.s32 %r1, 7, %r0;", mended: [2]string{"2, %t", "3, %t"}},
}

func TestPlantedFaultsAreFound(t *testing.T) {
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			body := f.body
			if f.name == "uninitialised-shared" { // the first block's write is not the second's
				body = strings.Replace(body, "st.shared.u32 [s], 1;", "setp.eq.s32 %p0, %b, 0;\n@%p0 st.shared.u32 [s], 1;", 1)
				f.mended = [2]string{"@%p0 st", "st"}
			}
			d := newDevice(t)
			d.Limit = 100_000
			x, y := d.words(make([]uint32, 8)...), d.words(make([]uint32, 8)...)
			err := d.run(body, f.blocks, f.threads, x, y, 0)
			var fault *ptx.Fault
			require.ErrorAs(t, err, &fault)
			assert.Equal(t, f.kind, fault.Kind, "%v", err)
			assert.Equal(t, f.at, strings.TrimPrefix(fault.Source, "B: "))
			assert.Equal(t, ptx.Dim3{X: f.thread}, fault.Thread)
			assert.Contains(t, err.Error(), f.detail)

			require.Contains(t, body, f.mended[0])
			mended := strings.Replace(body, f.mended[0], f.mended[1], 1)
			assert.NoError(t, d.run(mended, f.blocks, f.threads, x, y, 0), "the same kernel without the fault")
		})
	}
}

func TestUseAfterFree(t *testing.T) {
	d := newDevice(t)
	x, y := d.words(1), d.words(2)
	require.True(t, d.Memory.Free(x))
	assert.False(t, d.Memory.Free(x), "a second Free")
	var fault *ptx.Fault
	require.ErrorAs(t, d.run("ld.global.u32 %r0, [%rx];", 1, 1, x, y, 0), &fault)
	assert.Equal(t, ptx.OutOfBounds, fault.Kind)
	assert.Contains(t, fault.Detail, "freed")
	assert.NotEqual(t, x, d.words(3), "an address is used twice")
}

func TestUninitialisedGlobal(t *testing.T) {
	d := newDevice(t)
	x, _ := d.Memory.Alloc(8)
	y := d.words(0)
	const body = "ld.global.u32 %r0, [%rx+4];\nst.global.u32 [%ry], %r0;"
	var fault *ptx.Fault
	require.ErrorAs(t, d.run(body, 1, 1, x, y, 0), &fault)
	assert.Equal(t, ptx.Uninitialised, fault.Kind)
	d.AllowUninitialised = true
	require.NoError(t, d.run(body, 1, 1, x, y, 0))
	assert.EqualValues(t, math.MaxUint32, d.read(y, 1)[0], "poison")
}

func TestLaunchLimits(t *testing.T) {
	d := newDevice(t)
	module, err := ptx.Load(d.Memory, strings.Replace(kernel(".shared .align 4 .b8 s[1024];\nmov.u64 %rd1, dynamic;"), ".visible", ".extern .shared .align 4 .b8 dynamic[];\n.visible", 1))
	require.NoError(t, err)
	k := module.Kernels["k"]
	one := ptx.Dim3{X: 1, Y: 1, Z: 1}
	for _, c := range []struct {
		name  string
		shape ptx.Shape
		args  int
		want  string
	}{
		{"arguments", ptx.Shape{Grid: one, Block: one}, 2, "2 arguments; the kernel takes 3"},
		{"empty-grid", ptx.Shape{Block: one}, 3, "a grid of (0,0,0)"},
		{"grid-y", ptx.Shape{Grid: ptx.Dim3{X: 1, Y: 65536, Z: 1}, Block: one}, 3, "a grid of"},
		{"threads", ptx.Shape{Grid: one, Block: ptx.Dim3{X: 32, Y: 33, Z: 1}}, 3, "1024 in all"},
		{"block-z", ptx.Shape{Grid: one, Block: ptx.Dim3{X: 1, Y: 1, Z: 65}}, 3, "a block of"},
		{"shared", ptx.Shape{Grid: one, Block: one, Shared: 47<<10 + 1}, 3, "shared memory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var refused *ptx.LaunchError
			require.ErrorAs(t, d.Launch(k, c.shape, make([]uint64, c.args)), &refused)
			assert.Contains(t, refused.Error(), c.want)
		})
	}
	assert.NoError(t, d.Launch(k, ptx.Shape{Grid: one, Block: one, Shared: 47 << 10}, make([]uint64, 3)))
}
