// State of libtorch that belongs to the process or the thread: gradient mode, random generators, threads, CUDA.
#include "shim.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include <mutex>
#include <string>

namespace {

thread_local std::string last_error;

}  // namespace

namespace shim {

void remember(const char* message) noexcept {
    try {
        last_error = message;
    } catch (...) {
        last_error.clear();
    }
}

}  // namespace shim

// Zero-terminated UTF-8, valid until the next failing call on this thread; null when nothing failed since it was last asked.
SHIM_API const char* shim_last_error() {
    thread_local std::string reported;
    reported.swap(last_error);
    last_error.clear();
    return reported.empty() ? nullptr : reported.c_str();
}

// Major * 10000 + minor * 100 + patch of the headers this was compiled against.
SHIM_API int32_t shim_version() {
    return TORCH_VERSION_MAJOR * 10000 + TORCH_VERSION_MINOR * 100 + TORCH_VERSION_PATCH;
}

SHIM_API int32_t shim_grad_mode() {
    return c10::GradMode::is_enabled();
}

SHIM_API void shim_set_grad_mode(int32_t enabled) {
    c10::GradMode::set_enabled(enabled != 0);
}

SHIM_API int32_t shim_inference_mode() {
    return c10::InferenceMode::is_enabled();
}

SHIM_API int32_t shim_inference_enter(int32_t enabled, c10::InferenceMode** guard) {
    return shim::guarded([&] { *guard = new c10::InferenceMode(enabled != 0); });
}

// On the thread that entered, in reverse order of entering.
SHIM_API void shim_inference_leave(c10::InferenceMode* guard) {
    delete guard;
}

SHIM_API int32_t shim_manual_seed(int64_t seed) {
    return shim::guarded([&] { at::manual_seed(static_cast<uint64_t>(seed)); });
}

SHIM_API int32_t shim_generator_new(uint64_t seed, int64_t device, at::Generator** result) {
    return shim::guarded([&] {
        auto where = shim::device_of(device);
        if (where.is_cpu()) {
            *result = new at::Generator(at::detail::createCPUGenerator(seed));
            return;
        }
        auto generator = at::globalContext().defaultGenerator(where).clone();
        generator.set_current_seed(seed);
        *result = new at::Generator(std::move(generator));
    });
}

SHIM_API int32_t shim_generator_default(at::Generator** result) {
    return shim::guarded([&] { *result = new at::Generator(at::detail::getDefaultCPUGenerator()); });
}

SHIM_API void shim_generator_release(at::Generator* generator) {
    delete generator;
}

SHIM_API int32_t shim_generator_seed(at::Generator* generator, int64_t seed) {
    return shim::guarded([&] {
        std::lock_guard<std::mutex> lock(generator->mutex());
        generator->set_current_seed(static_cast<uint64_t>(seed));
    });
}

SHIM_API int64_t shim_generator_initial_seed(at::Generator* generator) {
    return static_cast<int64_t>(generator->current_seed());
}

SHIM_API int32_t shim_generator_state(at::Generator* generator, Handle* state) {
    return shim::guarded([&] { *state = shim::release(generator->get_state()); });
}

SHIM_API int32_t shim_generator_set_state(at::Generator* generator, Handle state) {
    return shim::guarded([&] { generator->set_state(shim::borrow(state)); });
}

SHIM_API int32_t shim_num_threads() {
    return at::get_num_threads();
}

SHIM_API int32_t shim_set_num_threads(int32_t count) {
    return shim::guarded([&] { at::set_num_threads(count); });
}

SHIM_API int32_t shim_num_interop_threads() {
    return at::get_num_interop_threads();
}

SHIM_API int32_t shim_set_num_interop_threads(int32_t count) {
    return shim::guarded([&] { at::set_num_interop_threads(count); });
}

SHIM_API int32_t shim_cuda_is_available() {
    return torch::cuda::is_available();
}

SHIM_API int32_t shim_cuda_cudnn_is_available() {
    return torch::cuda::cudnn_is_available();
}

SHIM_API int32_t shim_cuda_device_count() {
    return static_cast<int32_t>(torch::cuda::device_count());
}

SHIM_API int32_t shim_cuda_manual_seed(int64_t seed, int32_t all) {
    return shim::guarded([&] {
        if (all) {
            torch::cuda::manual_seed_all(static_cast<uint64_t>(seed));
        } else {
            torch::cuda::manual_seed(static_cast<uint64_t>(seed));
        }
    });
}

SHIM_API int32_t shim_cuda_synchronize(int32_t index) {
    return shim::guarded([&] { torch::cuda::synchronize(index); });
}

SHIM_API int32_t shim_allow_tf32(int32_t cudnn) {
    return cudnn ? at::globalContext().allowTF32CuDNN() : at::globalContext().allowTF32CuBLAS();
}

SHIM_API int32_t shim_set_allow_tf32(int32_t cudnn, int32_t allow) {
    return shim::guarded([&] {
        if (cudnn) {
            at::globalContext().setAllowTF32CuDNN(allow != 0);
        } else {
            at::globalContext().setAllowTF32CuBLAS(allow != 0);
        }
    });
}
