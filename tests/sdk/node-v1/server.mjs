// The test server on the TypeScript SDK 1.x behind Express; catalogue and options as in python/server.py.
import { randomUUID } from 'node:crypto';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import express from 'express';
import { catalogue, options } from '../catalogue.mjs';
import { z } from 'zod';

const { json, calls } = options(process.argv.slice(2));
const sessions = new Map();
const app = express();
app.use(express.json());
app.all('/mcp', async (request, response) => {
  const transport = sessions.get(request.headers['mcp-session-id']) ?? (await newSession());
  await transport.handleRequest(request, response, request.body);
});
const listener = app.listen(0, '127.0.0.1', () => console.log('PORT', listener.address().port));

async function newSession() {
  const transport = new StreamableHTTPServerTransport({
    enableJsonResponse: json,
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => sessions.set(id, transport),
  });
  const server = new McpServer({ name: 'github', version: '1.0.0' });
  catalogue(server, calls, z, (shape) => shape);
  await server.connect(transport);
  return transport;
}
