// One entry point for every operator: looked up once by name, then called boxed through the dispatcher, so that autograd, autocast and the
// CPU and CUDA kernels are chosen exactly as for a call from Python.
#include "shim.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/Generator.h>
#include <ATen/core/ivalue.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace {

template <class T>
struct rebind_optional;

template <template <class...> class Optional, class T>
struct rebind_optional<Optional<T>> {
    using tensor = Optional<at::Tensor>;
};

// c10::optional or std::optional, whichever this libtorch uses.
using OptionalTensor = rebind_optional<decltype(c10::Dispatcher::singleton().findSchema(std::declval<c10::OperatorName>()))>::tensor;

struct Operator {
    c10::OperatorHandle handle;
    std::string name;
    // What a caller may leave out, by position; None where the schema has no default.
    std::vector<c10::IValue> defaults;
    std::vector<bool> has_default;
};

c10::List<at::Tensor> tensors(const Value& value) {
    c10::List<at::Tensor> list;
    list.reserve(value.count);
    auto handles = static_cast<const Handle*>(value.data);
    for (int32_t i = 0; i < value.count; ++i) list.push_back(shim::borrow(handles[i]));
    return list;
}

c10::List<OptionalTensor> optional_tensors(const Value& value) {
    c10::List<OptionalTensor> list;
    list.reserve(value.count);
    auto handles = static_cast<const Handle*>(value.data);
    for (int32_t i = 0; i < value.count; ++i) {
        list.push_back(handles[i] == nullptr ? OptionalTensor() : OptionalTensor(shim::borrow(handles[i])));
    }
    return list;
}

c10::IValue texts(const Value& value) {
    // Zero-terminated strings, one after the other.
    c10::List<std::string> list;
    auto text = static_cast<const char*>(value.data);
    for (int32_t i = 0; i < value.count; ++i) {
        list.push_back(std::string(text));
        text += list.get(i).size() + 1;
    }
    return list;
}

c10::IValue to_ivalue(const Operator& op, const Value& value, size_t position) {
    switch (value.kind) {
        case Kind::None: return c10::IValue();
        case Kind::Tensor: return shim::borrow(static_cast<Handle>(const_cast<void*>(value.data)));
        case Kind::Int: return value.integer;
        case Kind::Double: return value.real;
        case Kind::Bool: return value.integer != 0;
        case Kind::Ints: return c10::IValue(at::IntArrayRef(static_cast<const int64_t*>(value.data), value.count));
        case Kind::Tensors: return tensors(value);
        case Kind::OptionalTensors: return optional_tensors(value);
        case Kind::Text: return std::string(static_cast<const char*>(value.data), value.count);
        case Kind::Device: return shim::device_of(value.integer);
        case Kind::Generator: return *static_cast<const at::Generator*>(value.data);
        case Kind::Complex: return c10::complex<double>(static_cast<const double*>(value.data)[0], static_cast<const double*>(value.data)[1]);
        case Kind::Texts: return texts(value);
        case Kind::Default:
            TORCH_CHECK(op.has_default.at(position), op.name, ": argument ", position, " has no default value");
            return op.defaults[position];
    }
    TORCH_CHECK(false, op.name, ": argument ", position, " is of unknown kind ", static_cast<int32_t>(value.kind));
}

void to_value(const Operator& op, c10::IValue& result, Value& value) {
    value = Value{Kind::None, 0, {0}};
    if (result.isNone()) return;
    if (result.isTensor()) {
        auto handle = shim::release(std::move(result).toTensor());
        value.kind = handle == nullptr ? Kind::None : Kind::Tensor;
        value.data = handle;
    } else if (result.isInt()) {
        value.kind = Kind::Int;
        value.integer = result.toInt();
    } else if (result.isDouble()) {
        value.kind = Kind::Double;
        value.real = result.toDouble();
    } else if (result.isBool()) {
        value.kind = Kind::Bool;
        value.integer = result.toBool();
    } else if (result.isTensorList()) {
        auto list = std::move(result).toTensorVector();
        auto handles = static_cast<Handle*>(std::malloc(list.empty() ? 1 : list.size() * sizeof(Handle)));
        TORCH_CHECK(handles != nullptr, op.name, ": out of memory for ", list.size(), " results");
        for (size_t i = 0; i < list.size(); ++i) handles[i] = shim::release(std::move(list[i]));
        value.kind = Kind::Tensors;
        value.count = static_cast<int32_t>(list.size());
        value.data = handles;
    } else {
        TORCH_CHECK(false, op.name, ": cannot hand a result of type ", result.tagKind(), " to managed code");
    }
}

// Keeps its capacity from call to call. No operator calls back into managed code, so calls never nest on a thread.
thread_local std::vector<c10::IValue> stack;

}  // namespace

// Looks an operator up; `*found` stays null when this libtorch does not have it and `required` is 0.
SHIM_API int32_t shim_find(const char* name, const char* overload, int32_t required, Operator** found) {
    return shim::guarded([&] {
        *found = nullptr;
        auto handle = c10::Dispatcher::singleton().findSchema({name, overload});
        if (!handle) {
            TORCH_CHECK(!required, "this libtorch has no operator ", name, ".", overload);
            return;
        }
        std::vector<c10::IValue> defaults;
        std::vector<bool> has_default;
        for (const auto& argument : handle->schema().arguments()) {
            auto value = argument.default_value();
            has_default.push_back(static_cast<bool>(value));
            defaults.push_back(value ? *value : c10::IValue());
        }
        // Lives as long as the process: managed code keeps the pointer in a static field.
        *found = new Operator{*handle, std::string(name) + (*overload == 0 ? "" : ".") + overload, std::move(defaults), std::move(has_default)};
    });
}

// Calls an operator. Missing trailing arguments take the schema's defaults; results beyond `capacity` are dropped.
SHIM_API int32_t shim_call(const Operator* op, const Value* arguments, int32_t count, Value* results, int32_t capacity) {
    auto status = shim::guarded([&] {
        auto expected = op->defaults.size();
        TORCH_CHECK(static_cast<size_t>(count) <= expected, op->name, ": ", count, " arguments, at most ", expected, " expected");
        stack.clear();
        for (int32_t i = 0; i < count; ++i) stack.push_back(to_ivalue(*op, arguments[i], i));
        for (size_t i = count; i < expected; ++i) {
            TORCH_CHECK(op->has_default[i], op->name, ": argument ", i, " is missing and has no default value");
            stack.push_back(op->defaults[i]);
        }
        op->handle.callBoxed(&stack);
        TORCH_CHECK(stack.size() >= static_cast<size_t>(capacity), op->name, ": ", stack.size(), " results, ", capacity, " expected");
        for (int32_t i = 0; i < capacity; ++i) to_value(*op, stack[i], results[i]);
    });
    stack.clear();
    return status;
}

SHIM_API void shim_free(void* memory) {
    std::free(memory);
}
