// The test server on the TypeScript SDK 2.x, both eras at one path: sessions for legacy clients,
// one exchange per request for modern ones. Catalogue and options as in python/server.py.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { NodeStreamableHTTPServerTransport, toNodeHandler, toWebRequest } from '@modelcontextprotocol/node';
import { McpServer, createMcpHandler, isLegacyRequest } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { catalogue, options } from '../catalogue.mjs';

const { json, calls } = options(process.argv.slice(2));
const sessions = new Map();
const modern = toNodeHandler(createMcpHandler(newServer, { legacy: 'reject', responseMode: json ? 'json' : 'sse' }));
const listener = createServer((request, response) => {
  // A request that the guard refuses reaches us as a head whose body never comes.
  serve(request, response).catch(() => response.destroy());
});
listener.listen(0, '127.0.0.1', () => console.log('PORT', listener.address().port));

async function serve(request, response) {
  const body = await read(request);
  if (!(await isLegacyRequest(await toWebRequest(request, body)))) return modern(request, response, body);
  const transport = sessions.get(request.headers['mcp-session-id']) ?? (await newSession());
  await transport.handleRequest(request, response, body);
}

async function read(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return chunks.length ? JSON.parse(Buffer.concat(chunks)) : undefined;
}

async function newSession() {
  const transport = new NodeStreamableHTTPServerTransport({
    enableJsonResponse: json,
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => sessions.set(id, transport),
  });
  await newServer().connect(transport);
  return transport;
}

function newServer() {
  const server = new McpServer({ name: 'github', version: '1.0.0' });
  catalogue(server, calls, z, (shape) => z.object(shape));
  return server;
}
