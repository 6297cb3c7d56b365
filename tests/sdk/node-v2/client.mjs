// The test client on the TypeScript SDK 2.x: `node client.mjs URL legacy|auto`.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { report } from '../script.mjs';

const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode: process.argv[3] } });
await client.connect(new StreamableHTTPClientTransport(new URL(process.argv[2])));
await report(client, client.getNegotiatedProtocolVersion());
await client.close();
