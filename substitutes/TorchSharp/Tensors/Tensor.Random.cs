using TorchSharp.PInvoke;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private static readonly Operator UniformInPlaceOp = new("uniform_");
        private static readonly Operator NormalInPlaceOp = new("normal_");
        private static readonly Operator BernoulliOp = new("bernoulli");
        private static readonly Operator BernoulliInPlaceOp = new("bernoulli_", "float");
        private static readonly Operator MultinomialOp = new("multinomial");

        /// <summary>Fills with numbers evenly distributed over [from, to).</summary>
        public Tensor uniform_(double from, double to, Generator? generator = null) => UniformInPlaceOp.Change(this, from, to, generator);

        public Tensor normal_(double mean = 0.0, double std = 1.0, Generator? generator = null) => NormalInPlaceOp.Change(this, mean, std, generator);

        /// <summary>Ones with each element's probability, else zeros.</summary>
        public Tensor bernoulli(Generator? generator = null) => BernoulliOp.Call(this, generator);

        public Tensor bernoulli_(double p = 0.5, Generator? generator = null) => BernoulliInPlaceOp.Change(this, p, generator);

        public Tensor multinomial(long num_samples, bool replacement = false, Generator? generator = null) =>
            MultinomialOp.Call(this, num_samples, replacement, generator);
    }
}
