#!/usr/bin/env bash
# Compiles the shim unless it is there already, and prints the path of the library.
#   build.sh OUTPUT-FOLDER [LIBTORCH-FOLDER]
# Errors are one line each, starting with "TorchSharp:".
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
output=$1
libtorch=${2:-}
compiler=${CXX:-g++}

fail() {
    echo "TorchSharp: $*" >&2
    exit 1
}

command -v "$compiler" >/dev/null || fail "no C++ compiler: '$compiler' was not found. TorchSharp's native part needs g++ (Debian: apt-get install g++)."

if [[ -n $libtorch ]]; then
    include=$libtorch/include
    lib=$libtorch/lib
    [[ -f $include/ATen/ATen.h ]] || fail "'$libtorch' is no libtorch: there is no include/ATen/ATen.h below it. LIBTORCH (or -p:LibTorch=…) is the folder with include/ and lib/, such as Python's site-packages/torch."
    includes=(-isystem "$include" -isystem "$include/torch/csrc/api/include")
else
    include=$(echo '#include <c10/macros/Export.h>' | "$compiler" -x c++ -M - 2>/dev/null | grep -o '[^ ]*/c10/macros/Export\.h' | head -n 1 || true)
    [[ -n $include ]] || fail "no libtorch: neither LIBTORCH (or -p:LibTorch=…) is set nor are its headers on the system (Debian: apt-get install libtorch-dev libopenblas0-pthread)."
    include=${include%/c10/macros/Export.h}
    lib=$(dirname "$("$compiler" -print-file-name=libtorch_cpu.so)")
    includes=(-isystem "$include/torch/csrc/api/include")
fi

[[ -e $lib/libtorch_cpu.so ]] || fail "no libtorch_cpu.so in '$lib', although there are libtorch headers in '$include' (Debian: apt-get install libtorch-dev)."

version() {
    echo '#include <torch/version.h>' | "$compiler" "${includes[@]}" -x c++ -E -dM - | sed -n "s/^#define TORCH_VERSION_$1 //p"
}

major=$(version MAJOR)
minor=$(version MINOR)
standard=c++17
# From 2.9 on, headers may ask for more than C++17; g++ 12 and newer compile them as C++20.
if ((major > 2 || (major == 2 && minor >= 9))); then
    standard=c++20
fi

# Wheels of Python before 2.6 were built with the old ABI of std::string.
abi=1
if grep -aq '_ZN3c105ErrorC[0-9]ENS_14SourceLocationESs' "$lib/libc10.so"; then
    abi=0
fi

libraries=(-ltorch -ltorch_cpu -lc10)
if [[ -e $lib/libtorch_cuda.so ]]; then
    # Nothing refers to it by name, yet it has to be loaded for the CUDA kernels to register themselves.
    libraries=(-Wl,--no-as-needed -ltorch_cuda -lc10_cuda -Wl,--as-needed "${libraries[@]}")
fi

flags=(-std=$standard -O2 -fPIC -fvisibility=hidden -Wall -Wextra -Wno-unused-parameter "-D_GLIBCXX_USE_CXX11_ABI=$abi" "${includes[@]}")
link=(-shared -Wl,-z,defs "-L$lib" "-Wl,-rpath,$lib" "${libraries[@]}")

key=$({
    cat "$here"/*.cpp "$here"/*.h
    echo "$("$compiler" -dumpfullversion) ${flags[*]} ${link[*]} $major.$minor"
    stat -L -c '%s %Y' "$lib/libtorch_cpu.so"
} | sha256sum | cut -c 1-16)
target=$output/$key/libLibTorchSharp.so

if [[ ! -f $target ]]; then
    mkdir -p "$output/$key"
    (
        # Several builds may get here at once: one compiles, the others wait and find the library.
        flock 9
        [[ ! -f $target ]] || exit 0
        pids=()
        for source in "$here"/*.cpp; do
            "$compiler" "${flags[@]}" -c "$source" -o "$output/$key/$(basename "$source" .cpp).o" >&2 &
            pids+=($!)
        done
        for pid in "${pids[@]}"; do
            wait "$pid" || fail "TorchSharp's native part does not compile against libtorch $major.$minor in '$include'; the compiler's messages are above."
        done
        "$compiler" "$output/$key"/*.o "${link[@]}" -o "$target.new" >&2 || fail "TorchSharp's native part does not link against libtorch $major.$minor in '$lib'; the linker's messages are above."
        rm "$output/$key"/*.o
        # A rename, so that nobody ever sees half a library.
        mv "$target.new" "$target"
    ) 9>"$output/.lock"
fi

echo "$target"
