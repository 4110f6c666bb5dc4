#!/usr/bin/env bash
# gpu-build.sh [DIR]: builds what gpu-run.sh runs on a machine with a GPU, into DIR
# (default .gpu): the command, and test programs with the tag cuda. That machine then
# needs neither Go nor a network. It has to have the same kind of processor, and a C
# library that is not older. With TAGS=cuda,cudaemu they run on the emulated GPU, to
# rehearse.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-.gpu}
mkdir -p "$out"
out=$(cd "$out" && pwd)

eval "$(go run ./cmd/wengert cuda-env)"
flags=(-tags "${TAGS:-cuda}" -trimpath -ldflags '-s -w')
go build "${flags[@]}" -o "$out/wengert" ./cmd/wengert
for package in backend/cuda autograd benchmarks; do
	go test -c "${flags[@]}" -o "$out/${package##*/}.test" "./$package"
done
du -sh "$out"
