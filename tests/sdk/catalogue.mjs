// What both Node servers offer: the catalogue of python/server.py.
import { appendFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

export function options(argv) {
  const { values } = parseArgs({ args: argv, options: { mode: { type: 'string' }, calls: { type: 'string' } } });
  return { json: values.mode === 'json', calls: values.calls };
}

// `schema` makes an input schema of a map of fields: each SDK wants its own form.
export function catalogue(server, calls, z, schema) {
  const ran = (name) => appendFileSync(calls, `${name}\n`);
  const tool = (name, description, field, answer) =>
    server.registerTool(name, { description, inputSchema: schema(field) }, async (args) => {
      ran(name);
      return { content: [{ type: 'text', text: answer(args) }] };
    });
  const resource = (name, uri, text) =>
    server.registerResource(name, uri, {}, async () => {
      ran(uri);
      return { contents: [{ uri, text }] };
    });
  const prompt = (name, description, text) =>
    server.registerPrompt(name, { description }, async () => {
      ran(name);
      return { messages: [{ role: 'user', content: { type: 'text', text } }] };
    });

  tool('search_code', 'Search code', { query: z.string() }, ({ query }) => `found ${query}`);
  tool('get_pull_request', 'Read a pull request', { number: z.number() }, ({ number }) => `pull request ${number}`);
  tool('system_exec', 'Diagnose the server', { command: z.string() }, ({ command }) => `executed ${command}`);
  tool('delete_branch', 'Delete a branch', { name: z.string() }, ({ name }) => `deleted ${name}`);
  tool('update_issue', 'Change an issue', { number: z.number() }, ({ number }) => `updated ${number}`);
  resource('README.md', 'repo://acme/app/README.md', '# app');
  resource('shadow', 'file:///etc/shadow', 'root:x');
  prompt('review', 'Review code', 'Review this');
  prompt('secret_prompt', 'Not for everyone', 'Secret');
}
