// Times the verification of approvals in V8, the engine that Envoy runs filters in.
// The fastest of many single verifications counts: whatever else the machine does only adds to it.
import { readFileSync } from "node:fs";

const SECONDS = 2;
const [path] = process.argv.slice(2);
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(path)), {});

for (const algorithm of ["eddsa", "es256"]) {
  const verify = exports[algorithm];
  verify(100);
  const times = [];
  for (const end = performance.now() + SECONDS * 1000; performance.now() < end; ) {
    const start = performance.now();
    if (verify(1) !== 1) throw new Error(`${algorithm}: not verified`);
    times.push((performance.now() - start) * 1000);
  }
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.floor(share * (times.length - 1))].toFixed(0);
  console.log(`${algorithm}: fastest ${at(0)} µs, median ${at(0.5)} µs of ${times.length}`);
}
