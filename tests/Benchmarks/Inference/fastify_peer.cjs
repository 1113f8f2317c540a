// A model behind fastify and onnxruntime-node, as its users would write it: the Open Inference Protocol with binary tensors, one input, all outputs binary.
//   node fastify_peer.cjs PORT MODEL.onnx NAME THREADS
"use strict";

const { readFileSync } = require("node:fs");
const fastify = require("fastify");
const ort = require("onnxruntime-node");

const [port, path, name, threads] = process.argv.slice(2);
const types = {
  UINT8: { array: Uint8Array, type: "uint8" },
  FP32: { array: Float32Array, type: "float32" },
};
const datatypes = { uint8: "UINT8", float32: "FP32" };

async function main() {
  const session = await ort.InferenceSession.create(readFileSync(path), { intraOpNumThreads: Number(threads), interOpNumThreads: 1, graphOptimizationLevel: "all" });
  const server = fastify({ bodyLimit: 64 << 20 });
  server.addContentTypeParser("*", { parseAs: "buffer" }, (request, body, done) => done(null, body));

  server.get("/v2/health/ready", async () => "");
  server.post(`/v2/models/${name}/infer`, async (request, reply) => {
    const length = Number(request.headers["inference-header-content-length"]);
    const body = request.body;
    const json = JSON.parse(body.toString("utf8", 0, length));
    const feeds = {};
    let offset = length;
    for (const input of json.inputs) {
      const size = input.parameters.binary_data_size;
      const { array, type } = types[input.datatype];

      // A copy: a typed array of floats has to begin at a multiple of four.
      const bytes = new Uint8Array(size);
      body.copy(bytes, 0, offset, offset + size);
      feeds[input.name] = new ort.Tensor(type, new array(bytes.buffer), input.shape);
      offset += size;
    }

    const results = await session.run(feeds);
    const outputs = [];
    const parts = [];
    for (const output of session.outputNames) {
      const tensor = results[output];
      const bytes = Buffer.from(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
      outputs.push({ name: output, datatype: datatypes[tensor.type], shape: tensor.dims, parameters: { binary_data_size: bytes.length } });
      parts.push(bytes);
    }

    const header = Buffer.from(JSON.stringify({ model_name: name, model_version: "1", outputs }));
    reply.header("content-type", "application/octet-stream");
    reply.header("inference-header-content-length", header.length);
    return reply.send(Buffer.concat([header, ...parts]));
  });
  await server.listen({ port: Number(port), host: "127.0.0.1" });
}

main().catch((failure) => {
  console.error(failure);
  process.exit(1);
});
