// What is asked of a tensor besides its operators: shape, memory, gradient, lifetime.
#include "shim.h"

#include <ATen/ops/from_blob.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/variable.h>

#include <memory>
#include <vector>

namespace {

std::vector<at::Tensor> vector_of(const Handle* handles, int32_t count) {
    std::vector<at::Tensor> tensors;
    tensors.reserve(count);
    for (int32_t i = 0; i < count; ++i) tensors.push_back(shim::borrow_optional(handles[i]));
    return tensors;
}

}  // namespace

SHIM_API void shim_tensor_release(Handle handle) {
    // A deleter of foreign memory may throw nothing, so neither can this.
    c10::intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>::reclaim(handle);
}

SHIM_API Handle shim_tensor_alias(Handle handle) {
    return shim::release(shim::borrow(handle));
}

SHIM_API int64_t shim_tensor_dim(Handle handle) {
    return handle->dim();
}

SHIM_API int64_t shim_tensor_numel(Handle handle) {
    return handle->numel();
}

SHIM_API int32_t shim_tensor_dtype(Handle handle) {
    return static_cast<int32_t>(c10::typeMetaToScalarType(handle->dtype()));
}

SHIM_API int64_t shim_tensor_itemsize(Handle handle) {
    return static_cast<int64_t>(handle->dtype().itemsize());
}

// Device type in the upper half, index in the lower.
SHIM_API int64_t shim_tensor_device(Handle handle) {
    auto device = handle->device();
    return (static_cast<int64_t>(device.type()) << 32) | static_cast<uint32_t>(static_cast<int32_t>(device.index()));
}

SHIM_API int32_t shim_tensor_is_contiguous(Handle handle) {
    return handle->is_contiguous();
}

SHIM_API int32_t shim_tensor_sizes(Handle handle, int64_t* sizes) {
    return shim::guarded([&] {
        for (auto size : handle->sizes()) *sizes++ = size;
    });
}

SHIM_API int32_t shim_tensor_strides(Handle handle, int64_t* strides) {
    return shim::guarded([&] {
        for (auto stride : handle->strides()) *strides++ = stride;
    });
}

SHIM_API int32_t shim_tensor_storage_offset(Handle handle, int64_t* offset) {
    return shim::guarded([&] { *offset = handle->storage_offset(); });
}

SHIM_API int32_t shim_tensor_data(Handle handle, void** data) {
    return shim::guarded([&] { *data = shim::borrow(handle).data_ptr(); });
}

SHIM_API int32_t shim_tensor_requires_grad(Handle handle) {
    return handle->requires_grad();
}

SHIM_API int32_t shim_tensor_set_requires_grad(Handle handle, int32_t value) {
    return shim::guarded([&] { shim::borrow(handle).set_requires_grad(value != 0); });
}

SHIM_API int32_t shim_tensor_is_leaf(Handle handle, int32_t* leaf) {
    return shim::guarded([&] { *leaf = shim::borrow(handle).is_leaf(); });
}

SHIM_API int32_t shim_tensor_retain_grad(Handle handle) {
    return shim::guarded([&] { shim::borrow(handle).retain_grad(); });
}

SHIM_API int32_t shim_tensor_grad(Handle handle, Handle* grad) {
    return shim::guarded([&] { *grad = shim::release(shim::borrow(handle).grad()); });
}

SHIM_API int32_t shim_tensor_set_grad(Handle handle, Handle grad) {
    return shim::guarded([&] { shim::borrow(handle).mutable_grad() = shim::borrow_optional(grad); });
}

SHIM_API int32_t shim_backward(const Handle* tensors, int32_t count, const Handle* grads, int32_t grad_count, int32_t retain_graph, int32_t create_graph,
                               const Handle* inputs, int32_t input_count) {
    return shim::guarded([&] {
        torch::autograd::backward(vector_of(tensors, count), vector_of(grads, grad_count), retain_graph != 0, create_graph != 0, vector_of(inputs, input_count));
    });
}

// `results` receives one handle for each input, null where the input was not reached.
SHIM_API int32_t shim_grad(const Handle* outputs, int32_t count, const Handle* inputs, int32_t input_count, const Handle* grads, int32_t grad_count,
                           int32_t retain_graph, int32_t create_graph, int32_t allow_unused, Handle* results) {
    return shim::guarded([&] {
        auto gradients = torch::autograd::grad(vector_of(outputs, count), vector_of(inputs, input_count), vector_of(grads, grad_count), retain_graph != 0,
                                               create_graph != 0, allow_unused != 0);
        for (size_t i = 0; i < gradients.size(); ++i) results[i] = shim::release(std::move(gradients[i]));
    });
}

// A tensor over memory that the caller keeps in place until `deleter(context)` runs. Whether or not this succeeds, `deleter` runs exactly once.
SHIM_API int32_t shim_tensor_from_memory(void* data, const int64_t* sizes, int32_t dimensions, int32_t dtype, void (*deleter)(void*), void* context,
                                         Handle* result) {
    struct Owner {
        void (*deleter)(void*);
        void* context;
        ~Owner() {
            if (deleter != nullptr) deleter(context);
        }
    };
    return shim::guarded([&] {
        auto owner = std::make_shared<Owner>(Owner{nullptr, context});
        owner->deleter = deleter;
        auto options = at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype));
        *result = shim::release(at::from_blob(data, at::IntArrayRef(sizes, dimensions), [owner](void*) mutable { owner.reset(); }, options));
    });
}
