// What every Node client does: the script of python/script.py, with the line described there.

export async function report(client, protocol) {
  const { tools } = await client.listTools();
  const line = {
    protocol,
    tools: tools.map((tool) => tool.name),
    annotations: Object.fromEntries(tools.map((tool) => [tool.name, tool.annotations ?? {}])),
    resources: (await client.listResources()).resources.map((resource) => resource.uri),
    prompts: (await client.listPrompts()).prompts.map((prompt) => prompt.name),
    steps: {},
  };
  for (const [step, run] of Object.entries(steps(client))) line.steps[step] = await outcome(run);
  console.log(JSON.stringify(line));
}

function steps(client) {
  const call = async (name, args) => {
    const result = await client.callTool({ name, arguments: args });
    return { [result.isError ? 'tool_error' : 'ok']: result.content[0].text };
  };
  const read = async (uri) => ({ ok: (await client.readResource({ uri })).contents[0].text });
  const prompt = async (name) => ({ ok: (await client.getPrompt({ name })).messages[0].content.text });
  return {
    allowed_tool: () => call('search_code', { query: 'guard' }),
    denied_tool: () => call('system_exec', { command: 'id' }),
    flagged_tool: () => call('delete_branch', { name: 'main' }),
    allowed_resource: () => read('repo://acme/app/README.md'),
    denied_resource: () => read('file:///etc/shadow'),
    allowed_prompt: () => prompt('review'),
    denied_prompt: () => prompt('secret_prompt'),
    allowed_again: () => call('search_code', { query: 'again' }),
  };
}

// Only JSON-RPC errors carry a numeric code; anything else ends the client, which fails the test.
async function outcome(run) {
  try {
    return await run();
  } catch (error) {
    if (typeof error.code !== 'number') throw error;
    return { error: { code: error.code, message: error.message } };
  }
}
