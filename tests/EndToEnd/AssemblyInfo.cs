// Every test starts several processes and some of them look at the clock: one at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
