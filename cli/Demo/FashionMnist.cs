using Serverless.Core.Datasets.Import;

namespace Serverless.Cli.Demo;

/// <summary>The demo's data: 70,000 pictures of clothes, 28 × 28 grey pixels, in ten classes (Zalando Research, MIT licence).</summary>
internal sealed class FashionMnist
{
    /// <summary>The dataset's name once imported.</summary>
    public const string Dataset = "fashion-mnist";

    /// <summary>Width and height of a picture.</summary>
    public const int Side = 28;

    private const string DebianFolder = "/usr/share/datasets/fashion-mnist";

    private static readonly string[] Names =
    [
        "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte",
    ];

    private readonly string[] _files;

    private FashionMnist(string[] files) => _files = files;

    /// <summary>Names of the classes by index.</summary>
    public static IReadOnlyList<string> Classes { get; } = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

    /// <summary>What to import.</summary>
    public ImportOptions Import => new()
    {
        Name = Dataset,
        Format = SourceFormat.Idx,
        Train = new SourceFiles(_files[0], _files[1]),
        Test = new SourceFiles(_files[2], _files[3]),
        Classes = Classes,
    };

    /// <summary>The file of test pictures.</summary>
    public string TestImages => _files[2];

    /// <summary>The file of their classes.</summary>
    public string TestLabels => _files[3];

    /// <summary>Finds the files.</summary>
    /// <param name="folder">Where to look; null for where Debian's package puts them.</param>
    /// <exception cref="UsageException">They are not there.</exception>
    public static FashionMnist Find(string? folder)
    {
        var place = folder ?? DebianFolder;
        var files = Names.Select(name => Find(place, name)).ToArray();
        var missing = Names.Where((_, index) => files[index] is null).ToList();
        return missing.Count == 0
            ? new FashionMnist(files!)
            : throw new UsageException(
                $"The Fashion-MNIST files are not in {place}: {string.Join(", ", missing)} (with or without .gz) {(missing.Count == 1 ? "is" : "are")} missing. On Debian and Ubuntu: "
                + "apt-get install dataset-fashion-mnist. Elsewhere: get the four .gz files from https://github.com/zalandoresearch/fashion-mnist (folder data/fashion) and name their folder with --data.");
    }

    private static string? Find(string folder, string name) =>
        new[] { name + ".gz", name }.Select(file => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
}
