using static TorchSharp.torch;

namespace Serverless.Trainer.Modules;

/// <summary>One layer's forward: gives a new tensor, owned by the current dispose scope.</summary>
/// <param name="input">The batch, first dimension the rows. Kept until the backward pass, so it must not be written to.</param>
/// <param name="pass">How it is run.</param>
internal delegate Tensor Layer(Tensor input, ForwardPass pass);
