// Resolves accepted URIs as Node servers do; every one must stay under its root.
//
// Standard input: lines of two JSON strings with a tab between, a root and a URI.
//
// The WHATWG URL parser, Node's own file conversion and path functions, and every number of
// decodings, the old `unescape` with its `%uXXXX` among them.

import path from "node:path";
import querystring from "node:querystring";
import readline from "node:readline";
import { fileURLToPath, parse as legacyParse } from "node:url";

const BASE = "/base/root";

function attempt(decode, text) {
  try {
    return decode(text);
  } catch {
    return text;
  }
}

/** The text, and what decoding makes of it until it changes no more. */
function layers(text) {
  const seen = new Set([text]);
  for (const decode of [decodeURIComponent, decodeURI, unescape]) {
    let current = text;
    for (let round = 0; round < 8; round += 1) {
      current = attempt(decode, current);
      seen.add(current);
      seen.add(current.normalize("NFKC"));
    }
  }
  return [...seen];
}

function below(resolved, root) {
  const bare = root.replace(/\/+$/, "");
  return resolved === bare || resolved.startsWith(`${bare}/`);
}

function* pathEscapes(raw, writtenRoot) {
  for (const text of layers(raw)) {
    // The first layer of a path has its root as the parser writes it, the others as it is decoded.
    const decodedRoot = attempt(decodeURIComponent, writtenRoot);
    const root = text.startsWith(writtenRoot) ? writtenRoot : decodedRoot;
    if (text.startsWith("//") || !below(path.posix.normalize(text), root)) yield ["posix", text];
    const relative = text.slice(root.length);
    if (!below(path.posix.resolve(BASE, `./${relative}`), BASE)) yield ["joined", text];
    if (!below(path.posix.resolve(BASE, relative), BASE)) yield ["resolved", text];
    const local = path.win32.resolve("D:\\base\\root", relative).replaceAll("\\", "/");
    if (!below(local, "D:/base/root")) yield ["windows", local];
  }
}

function* queryEscapes(query) {
  const values = [query, ...new URLSearchParams(query).values(), ...new URLSearchParams(query).keys()];
  for (const value of Object.values(querystring.parse(query))) values.push(...[value].flat());
  for (const text of values.flatMap(layers)) {
    const local = text.replaceAll("\\", "/");
    if (local.startsWith("//") || /^[a-z][:|]\//i.test(local)) yield ["query root", text];
    if (!below(path.posix.resolve(BASE, local.replace(/^\/+/, "")), BASE)) yield ["query", text];
  }
}

function pathOf(url) {
  return attempt(decodeURIComponent, url.pathname);
}

function* urlEscapes(uri, root) {
  const [url, expected] = [new URL(uri), new URL(root)];
  if (url.protocol !== expected.protocol || url.host !== expected.host) yield ["authority", url.href];
  if (url.hash !== "" || url.username !== "" || url.password !== "") yield ["structure", url.href];
  yield* pathEscapes(url.pathname, expected.pathname);
  yield* pathEscapes(pathOf(url), expected.pathname);
  yield* queryEscapes(url.search.slice(1));
}

/** What many servers take for a path: everything after `scheme://`. */
function afterScheme(text) {
  return text.replace(/^[^:]*:(\/\/)?/, "").replace(/\?.*$/su, "");
}

function* fileEscapes(uri, root) {
  if (!uri.startsWith("file:")) return;
  if (!below(fileURLToPath(uri), fileURLToPath(root))) yield ["fileURLToPath", fileURLToPath(uri)];
}

function* legacyEscapes(uri, root) {
  const [url, expected] = [legacyParse(uri), legacyParse(root)];
  if (url.protocol !== expected.protocol || url.host !== expected.host) yield ["legacy authority", url.href];
  if (url.auth !== null) yield ["legacy structure", url.href];
  if (url.pathname !== null) yield* pathEscapes(url.pathname, expected.pathname);
}

function* escapes(uri, root) {
  yield* urlEscapes(uri, root);
  yield* fileEscapes(uri, root);
  yield* legacyEscapes(uri, root);
  yield* pathEscapes(afterScheme(uri), afterScheme(root));
  for (const text of layers(uri)) {
    if (!URL.canParse(text)) continue;
    const [url, expected] = [new URL(text), new URL(root)];
    if (url.protocol !== expected.protocol || url.host !== expected.host) yield ["decoded authority", text];
    yield* pathEscapes(pathOf(url), expected.pathname);
  }
}

let [checked, refused, escaped] = [0, 0, 0];
for await (const line of readline.createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const [root, uri] = line.split("\t").map((field) => JSON.parse(field));
  checked += 1;
  let found;
  try {
    found = [...escapes(uri, root)];
  } catch {
    refused += 1;
    continue;
  }
  if (found.length === 0) continue;
  escaped += 1;
  if (escaped <= 20) console.error(`escape from ${root}: ${JSON.stringify(uri)} as ${JSON.stringify(found[0])}`);
}
console.log(`node: ${checked} resolved, ${refused} refused by the resolver, ${escaped} escapes`);
// A resolver that refuses most of what it is given proves nothing.
process.exitCode = escaped > 0 || checked < 1000 || refused * 10 > checked ? 1 : 0;
