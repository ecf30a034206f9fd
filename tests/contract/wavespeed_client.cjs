// A program of somebody who uses the hosted service's JavaScript package; says what it saw as one line of JSON.
// Arguments: folder of the package, base address, photo.
const [folder, baseUrl, photo] = process.argv.slice(2);
const { Client } = require(require.resolve("wavespeed", { paths: [folder] }));
const MODEL = "openai/sora-2/image-to-video";

async function refusal(client, asked) {
  try {
    await client.run(MODEL, asked, { pollInterval: 0.2 });
  } catch (error) {
    return String(error.message);
  }
  return "";
}

async function main() {
  const client = new Client("any", { baseUrl, maxRetries: 0 });
  const image = await client.upload(photo);
  const asked = { image, prompt: "Slow dolly in over the field", duration: 4 };
  const polled = await client.run(MODEL, asked, { pollInterval: 0.2 });
  const held = await client.run(MODEL, { ...asked, duration: 8, seed: 2 }, { enableSyncMode: true });
  const seen = {
    polled: polled.outputs,
    held: held.outputs,
    unreachable: await refusal(client, { ...asked, image: `${baseUrl}/nothing.png` }),
    no_picture: await refusal(client, { ...asked, image: `${baseUrl}/healthz` }),
  };
  console.log(JSON.stringify(seen));
}

main();
