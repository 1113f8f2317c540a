using System.Reflection;

namespace Serverless.Cli.Tests.Substitutes;

/// <summary>What an assembly offers to code that references it, one line a type or member, in an order that does not depend on the compiler.</summary>
internal static class PublicSurface
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static IEnumerable<string> Of(Assembly assembly) =>
        assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal).SelectMany(Of);

    private static IEnumerable<string> Of(Type type)
    {
        yield return Describe(type);
        var members = type.GetMembers(Declared).Select(Describe).OfType<string>();
        foreach (var member in members.Order(StringComparer.Ordinal))
        {
            yield return $"{type.FullName}: {member}";
        }
    }

    private static string Describe(Type type)
    {
        var kind = type.IsEnum ? "enum"
            : type.IsInterface ? "interface"
            : type.IsAbstract && type.IsSealed ? "static class"
            : type.IsAbstract ? "abstract class"
            : type.IsSealed ? "sealed class" : "class";
        var usage = type.GetCustomAttribute<AttributeUsageAttribute>(inherit: true);
        var parents = new[] { type.BaseType }.OfType<Type>().Concat(type.GetInterfaces().Where(parent => parent.IsPublic && !type.IsEnum)).Select(Name).Order(StringComparer.Ordinal).ToList();
        return $"{kind} {type.FullName}" + (parents.Count == 0 ? "" : $" : {string.Join(", ", parents)}") +
            (type.IsSubclassOf(typeof(Attribute)) && usage is not null ? $" on {usage.ValidOn}{(usage.AllowMultiple ? ", several" : "")}" : "");
    }

    private static string? Describe(MemberInfo member) => member switch
    {
        ConstructorInfo { IsStatic: false } constructor when Access(constructor) is { } access => $"{access} new({Parameters(constructor)})",
        MethodInfo { IsSpecialName: false } method when Access(method) is { } access =>
            $"{access} {Name(method.ReturnParameter)} {method.Name}{Generic(method)}({Parameters(method)})",
        PropertyInfo property => Describe(property),
        FieldInfo { IsSpecialName: false, IsPublic: true } field => $"public field {Name(field.FieldType)} {field.Name}{(field.IsLiteral ? $" = {field.GetRawConstantValue()}" : "")}",
        _ => null,
    };

    private static string? Describe(PropertyInfo property)
    {
        var get = property.GetMethod is { } getter && Access(getter) is { } readable ? $" {readable} get;" : "";
        var set = property.SetMethod is { } setter && Access(setter) is { } writable ? $" {writable} set;" : "";
        var nullable = new NullabilityInfoContext().Create(property).ReadState == NullabilityState.Nullable && !property.PropertyType.IsValueType ? "?" : "";
        return get + set == "" ? null : $"{Name(property.PropertyType)}{nullable} {property.Name} {{{get}{set} }}";
    }

    private static string? Access(MethodBase method)
    {
        var access = method.IsPublic ? "public" : method.IsFamily || method.IsFamilyOrAssembly ? "protected" : null;
        return access is null ? null : access + (method.IsStatic ? " static" : method.IsAbstract ? " abstract" : method.IsVirtual && !method.IsFinal ? " virtual" : "");
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
        (parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "") + Name(parameter) + " " + parameter.Name +
        (parameter.HasDefaultValue ? $" = {parameter.DefaultValue ?? "default"}" : "")));

    private static string Generic(MethodInfo method) => method.IsGenericMethod
        ? $"<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name + string.Concat(argument.GetGenericParameterConstraints().Select(Name).Order(StringComparer.Ordinal).Select(name => " : " + name))))}>"
        : "";

    private static string Name(ParameterInfo parameter)
    {
        var nullable = !parameter.ParameterType.IsValueType && new NullabilityInfoContext().Create(parameter).ReadState == NullabilityState.Nullable ? "?" : "";
        return Name(parameter.ParameterType) + nullable;
    }

    private static string Name(Type type) => type switch
    {
        { IsArray: true } => Name(type.GetElementType()!) + "[]",
        { IsGenericType: true } => $"{type.Name[..type.Name.IndexOf('`')]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>",
        _ => type.Name,
    };
}
