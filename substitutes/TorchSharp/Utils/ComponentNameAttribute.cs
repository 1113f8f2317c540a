namespace TorchSharp.Utils;

/// <summary>The name under which a module registers what a field holds, where it is not the field's own.</summary>
public class ComponentNameAttribute : Attribute
{
    public string Name { get; set; } = "";
}
