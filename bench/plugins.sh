#!/bin/sh
# Writes bench/PLUGINS.md: what the process boundary costs, what hostile architectures leave behind, and whether the mlp in PyTorch
# agrees with the built-in one. Usage, from the repository's root: sh bench/plugins.sh DATA [SPLITS], where DATA is a folder of
# data sets with adult in it; about ten minutes on an idle machine. What was measured is in $WORK, by default beneath the system's
# temporary directory by the commit's name: a script that was stopped goes on where it was.
set -eu
data=$(cd "$1" && pwd)
splits=${2:-3}
commit=$(git rev-parse --short=12 HEAD)
git diff --quiet HEAD -- '*.go' '*.toml' '*.py' || commit="$commit+"
work=${WORK:-${TMPDIR:-/tmp}/tuned-plugins-$commit}
mkdir -p "$work"
once() { # once FILE COMMAND…: the output of a command that has not been run yet
	out="$work/$1"
	shift
	[ -e "$out" ] || { "$@" >"$out.new" 2>&1 && mv "$out.new" "$out"; }
}
export TUNED_HOME="$work/home" TUNED_PYTHON="${TUNED_PYTHON:-/usr/bin/python3}"
go build -o "$work/tuned" ./cmd/tuned
once installed "$work/tuned" plugins install plugins/python/torch
once hostile go test -count=20 -v -run TestHostile ./plugins/plugintest
once crossing go test -run '^$' -bench Crossing -benchtime 2s -count 5 ./plugins/host
once training go test -run '^$' -bench Training -benchtime 5s -count 3 ./plugins/plugintest

target=$(sed -n 's/^target = "\(.*\)"/\1/p' "$data/adult/source.toml")
for split in $(seq 0 $((splits - 1))); do
	for name in mlp torch; do
		cat >"$work/$name.toml" <<JOB
[data]
path       = "$data/adult/data.csv.gz"
target     = "$target"
split_seed = $split
max_rows   = 20000
[model]
architecture = "$name"
[limits]
threads = 1
JOB
		once "$name-$split.log" "$work/tuned" run "$work/$name.toml" --seed "$split" --out "$work/$name-$split" --quiet
	done
done

python3 - "$work" "$splits" "$commit" >bench/PLUGINS.md <<'PYTHON'
import json, os, pathlib, platform, re, statistics, subprocess, sys

work, splits, commit = pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
processor = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
cores = subprocess.run(["nproc"], capture_output=True, text=True).stdout.strip()


def spread(values, digits):
    around = f" ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.{digits}f}{around}"


def figures(name, unit, only=""):
    lines = [l for l in (work / name).read_text().splitlines() if l.startswith("Benchmark") and only in l]
    return [float(re.search(r"([\d.e+]+) " + re.escape(unit), l).group(1)) for l in lines]


print("# Architectures in processes of their own\n")
print(f"Made by `sh bench/plugins.sh DATA {splits}` on {processor.group(1) if processor else platform.machine()}, {cores} cores, commit {commit}.")
print(f"± is the standard deviation of single measurements. The system's load was {os.getloadavg()[2]:.1f} in the quarter of an hour before.\n")

print("## Hostile architectures\n")
hostile = (work / "hostile").read_text()
cases = re.findall(r"^    --- (PASS|FAIL): TestHostile/(\S+)", hostile, re.M)
passed = sum(result == "PASS" for result, _ in cases)
print(f"`go test -count=20 -run TestHostile ./plugins/plugintest`: {len({c for _, c in cases})} cases, {len(cases)} runs, {passed} passed.")
print("After each run the test looks for processes by the mark in their environment, for sockets in `/proc/net/unix` and for files in the")
print("run's directory (`plugintest.Residue`), and counts its own open files and goroutines before and after.\n")

print("## The process boundary\n")
crossing = figures("crossing", "cpu-us/step")
inside, outside = (figures("training", "cpu-us/step", side) for side in ("inside", "process"))
print("| | processor time of a step on 256 rows, µs | n |\n|---|---|---|")
print(f"| crossing alone, both ends (`BenchmarkCrossing`) | {spread(crossing, 1)} | {len(crossing)} |")
print(f"| mlp, in the host's process (`BenchmarkTraining/inside`) | {spread(inside, 0)} | {len(inside)} |")
print(f"| mlp, in its own (`BenchmarkTraining/process`) | {spread(outside, 0)} | {len(outside)} |")
print(f"\nThe crossing is {100 * statistics.mean(crossing) / statistics.mean(outside):.2f} % of a step of the mlp on 10,000 rows.\n")

print("## The mlp in PyTorch beside the built-in one, on adult\n")
print("20,000 rows, a fifth held out, one thread, no pins; the same splits and seeds.\n")
print("| architecture | n | accuracy | log loss |\n|---|---|---|---|")
runs = {name: [work / f"{name}-{split}" for split in range(splits)] for name in ("mlp", "torch")}
for name, dirs in runs.items():
    tests = [json.loads((d / "metrics.json").read_text())["test"] for d in dirs]
    print(f"| {name} | {splits} | {spread([t['accuracy'] for t in tests], 4)} | {spread([t['log_loss'] for t in tests], 4)} |")
print("\nThe ledgers of split 0:\n")
print("| part | | GFLOP | processor, s | wall, s | memory, MiB |\n|---|---|---|---|---|---|")
for name, dirs in runs.items():
    ledger = json.loads((dirs[0] / "ledger.json").read_text())
    for p in [*ledger["phases"], {"phase": "total", **ledger["total"]}]:
        print(f"| {name} | {p['phase']} | {p['flops'] / 1e9:.1f} | {p['cpu_seconds']:.1f} | {p['wall_seconds']:.1f} | {p['peak_bytes'] / 2**20:.0f} |")
PYTHON
