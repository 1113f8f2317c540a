// Torch counts its tensors, seeds its generators and sets its threads for the whole process: one test at a time, or they would see each other's.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
