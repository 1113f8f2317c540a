// The boundary between the managed TorchSharp substitute and libtorch. Everything that crosses it is a plain C struct, an integer or a pointer;
// every function that can fail returns 0 for success and leaves its message to shim_last_error.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/UndefinedTensorImpl.h>
#include <c10/util/Exception.h>

#include <cstdint>
#include <exception>
#include <utility>

#if defined(_WIN32)
#define SHIM_API extern "C" __declspec(dllexport)
#else
#define SHIM_API extern "C" __attribute__((visibility("default")))
#endif

// A tensor handle is the address of its TensorImpl, with one reference owned by the managed side. Null stands for "no tensor".
using Handle = at::TensorImpl*;

// Same numbers as NativeValueKind on the managed side.
enum class Kind : int32_t {
    None = 0,
    Tensor = 1,
    Int = 2,
    Double = 3,
    Bool = 4,
    Ints = 5,
    Tensors = 6,
    OptionalTensors = 7,
    Text = 8,
    Device = 9,
    Generator = 10,
    Default = 11,
    Complex = 12,
    Texts = 13,
};

// One argument or result of an operator. `count` is the number of elements behind `data` for the list kinds, the length in bytes for Text.
struct Value {
    Kind kind;
    int32_t count;
    union {
        int64_t integer;
        double real;
        const void* data;
    };
};

static_assert(sizeof(Value) == 16, "the managed side relies on this layout");

namespace shim {

void remember(const char* message) noexcept;

inline at::Tensor borrow(Handle handle) {
    TORCH_CHECK(handle != nullptr, "an undefined tensor was passed where a tensor is needed");
    return at::Tensor(c10::intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>::reclaim_copy(handle));
}

inline at::Tensor borrow_optional(Handle handle) {
    return handle == nullptr ? at::Tensor() : borrow(handle);
}

inline Handle release(at::Tensor tensor) {
    return tensor.defined() ? tensor.unsafeReleaseTensorImpl() : nullptr;
}

inline at::Device device_of(int64_t packed) {
    return at::Device(static_cast<at::DeviceType>(packed >> 32), static_cast<at::DeviceIndex>(static_cast<int32_t>(packed & 0xffffffff)));
}

// No exception may leave through the C boundary.
template <class Body>
int32_t guarded(Body&& body) noexcept {
    try {
        body();
        return 0;
    } catch (const c10::Error& error) {
        remember(error.what_without_backtrace());
    } catch (const std::exception& error) {
        remember(error.what());
    } catch (...) {
        remember("libtorch threw something that is not an exception");
    }
    return 1;
}

}  // namespace shim
