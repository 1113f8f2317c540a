using TorchSharp;

namespace Serverless.Trainer.Modules;

/// <summary>What a layer must know about the pass it is part of.</summary>
/// <param name="Training">True while training: dropout drops, batch norm uses and updates the statistics of the batch.</param>
/// <param name="BFloat16">True where matrix products and convolutions run in bfloat16, everything else in float32.</param>
/// <param name="Random">Where dropout draws from; seeded for every step, so that a step is the same wherever it runs.</param>
internal sealed record ForwardPass(bool Training, bool BFloat16, torch.Generator Random);
