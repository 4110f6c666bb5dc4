#!/usr/bin/env bash
# gpu-run.sh [DIR]: what only a GPU can show, of the programs that gpu-build.sh left in
# DIR (default .gpu), in about five minutes:
#
#   1. the devices, and whether ptxas and nvcc take the kernels, where there are any
#   2. the conformance suite, the gradients, trainings beside the CPU's
#   3. benchmarks, CPU against GPU, and PyTorch beside them where python3 has it
#   4. compute-sanitizer on some kernels, where it is installed
#   5. a table
#
# Everything is kept in $OUT (default gpu-out). Exits 1 if a test failed. With QUICK=1
# each benchmark is run once, of small work only: to rehearse.
set -uo pipefail
cd "$(dirname "$0")/.."
root=$PWD
bin=$(cd "${1:-.gpu}" && pwd) || exit 2
out=${OUT:-gpu-out}
mkdir -p "$out"
out=$(cd "$out" && pwd)
exec > >(tee "$out/log.txt") 2>&1
failed=0

heading() { printf '\n== %s (%d s)\n' "$*" "$SECONDS"; }

# within PACKAGE LIMIT COMMAND... runs a command in a package's folder, as go test does.
within() {
	(cd "$root/$1" && timeout "$2" "${@:3}")
}

heading devices
nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv || true
for lib in /usr/local/cuda/lib64 $(python3 -c 'import nvidia.cublas, os; print(os.path.join(list(nvidia.cublas.__path__)[0], "lib"))' 2>/dev/null); do
	[ -d "$lib" ] && export LD_LIBRARY_PATH="$lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" # for cuBLAS
done
"$bin/wengert" devices | tee "$out/devices.txt"
if ! grep -q '^cuda:' "$out/devices.txt"; then
	echo 'there is no GPU to run on'
	exit 1
fi

PATH=$PATH:/usr/local/cuda/bin
kernels=backend/cuda/kernels
if command -v ptxas >/dev/null; then
	heading 'ptxas: registers and spills'
	major=$(grep -o 'capability [0-9.]*' "$out/devices.txt" | head -1 | tr -dc 0-9)
	ptxas -arch="sm_$major" -v -o /dev/null $kernels/kernels.ptx 2>&1 | tee "$out/ptxas.txt" | grep -E 'Compiling|registers|spill|error' | sed -n 1,200p || failed=1
fi

heading 'conformance, gradients, trainings'
check() { # NAME PACKAGE PATTERN
	if within "$2" 300 "$bin/$1.test" -test.v -test.run "$3" >"$out/$1.txt" 2>&1; then
		echo "ok    $1"
	else
		failed=1
		echo "FAIL  $1"
		grep -E '^\s*(--- FAIL|panic|fatal)|Error:|_test.go' "$out/$1.txt" | head -40
	fi
	grep -cE '^\s*--- PASS' "$out/$1.txt" | sed 's/$/ passed/'
	grep -cE '^\s*--- SKIP' "$out/$1.txt" | sed 's/$/ skipped/'
}
check cuda backend/cuda .
check autograd autograd CUDA
check benchmarks benchmarks CUDA
small=()
[ -n "${QUICK:-}" ] && small=(--size 400 --hidden 16 --batch 32)
(cd "$(mktemp -d)" && timeout 60 "$bin/wengert" train spiral --backend cuda --epochs 30 && timeout 120 "$bin/wengert" train date --backend cuda --epochs 1 "${small[@]}" 2>&1 | tail -5) || failed=1

heading benchmarks
bench() { # NAME TIME PATTERN, and a pattern to rehearse with
	local time=$2 pattern=$3
	[ -n "${QUICK:-}" ] && time=1x pattern=$4
	within benchmarks 240 "$bin/benchmarks.test" -test.run '^$' -test.benchtime "$time" -test.bench "$pattern" | tee "$out/bench-$1.txt" | grep -E '^Benchmark|FAIL|panic' || failed=1
}
bench products 50x 'MatMul/form=(NN|TN|NT)/m=(512|1024|2048|20|128|700|100|650)/n=(512|1024|2048|2600|10000|128)/.*backend=(cpu/threads=2|cuda)' 'MatMul/form=NN/m=20/n=400/'
bench pointwise 200x '(Pointwise|Rows|Reduce|Softmax).*/(n=1048576|.*10000)/.*backend=(cpu/threads=2|cuda)' 'Pointwise/op=add/n=2000/'
bench steps 30x 'Step/.*backend=(cpu/threads=2|cuda)' 'Step/model=cbow/rows=lazy/'
if python3 -c 'import torch; assert torch.cuda.is_available()' 2>/dev/null; then
	heading PyTorch
	(cd benchmarks/compare/python && COMPARE_DEVICE=cuda timeout 240 python3 torch_side.py -ms 500 -works \
		gemm/512x512x512/NN,gemm/1024x1024x1024/NN,gemm/2048x2048x2048/NN,exp/1048576,tanh/1048576,softmax/700x10000,step/cbow,step/skipgram,step/rnnlm,step/lstm,step/better,step/seq2seq,step/peeky,step/attention) | tee "$out/torch.jsonl"
else
	echo 'skipped: python3 has no PyTorch with CUDA'
fi

if command -v compute-sanitizer >/dev/null; then
	heading compute-sanitizer
	for tool in memcheck racecheck; do
		within backend/cuda 200 compute-sanitizer --tool $tool --error-exitcode 3 "$bin/cuda.test" -test.run 'Conformance/own.*/(Binary|Reduce|MatMul|Softmax|LSTMCell|ScatterAdd)' 2>&1 | tail -5
		[ "${PIPESTATUS[0]}" -eq 3 ] && failed=1
	done
else
	echo 'skipped: there is no compute-sanitizer'
fi

heading "$(grep '^cuda:0' "$out/devices.txt")"
# A line for each thing measured: CPU, GPU, and how many times as fast the GPU is.
cat "$out"/bench-*.txt | awk '
	/^Benchmark/ {
		name = $1; sub(/^Benchmark/, "", name); sub(/-[0-9]+$/, "", name)
		if (!match(name, /\/backend=/)) next
		what = substr(name, 1, RSTART - 1); who = substr(name, RSTART + 9)
		if (!(what in seen)) { seen[what] = 1; order[++n] = what }
		ns[what, who] = $3
		for (i = 4; i < NF; i++) if ($(i + 1) ~ /^(GFLOP\/s|GB\/s|tokens\/s|examples\/s)$/) { rate[what, who] = $i; unit[what] = $(i + 1) }
	}
	END {
		printf "%-52s %12s %12s %12s %12s %8s\n", "", "CPU", "GPU", "own products", "TF32", "GPU:CPU"
		for (j = 1; j <= n; j++) {
			w = order[j]
			printf "%-52s %12s %12s %12s %12s", w " " unit[w], rate[w, "cpu/threads=2"], rate[w, "cuda"], rate[w, "cuda/products=own"], rate[w, "cuda/products=tf32"]
			if (ns[w, "cuda"] > 0) printf " %8.1f", ns[w, "cpu/threads=2"] / ns[w, "cuda"]
			printf "\n"
		}
	}' | tee "$out/table.txt"
exit $failed
