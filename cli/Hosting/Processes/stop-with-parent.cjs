// Preloaded into Azurite. Its standard input ends when the local host closes it or is gone, killed or not: then Azurite saves and stops.
// Ctrl+C reaches every process of a terminal at once; Azurite has to stay until the host has stopped what still uses it.
'use strict';

for (const register of ['on', 'once', 'addListener']) {
    const original = process[register];
    process[register] = function (event, listener) {
        return original.call(this, event, event === 'SIGINT' ? () => {} : listener);
    };
}

process.on('SIGINT', () => {});
process.stdin.resume();
process.stdin.on('error', () => {});
process.stdin.on('close', () => {
    if (process.listenerCount('SIGTERM') === 0) {
        process.exit(0);
    }

    setTimeout(() => process.exit(0), 3000).unref();
    process.emit('SIGTERM');
});
