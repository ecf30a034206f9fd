// A program that was written for the first JavaScript package; says what it saw as one line of JSON.
// Arguments: folder of the package, base address, photo.
const fs = require("fs");
const [folder, baseUrl, photo] = process.argv.slice(2);
const { WaveSpeed } = require(require.resolve("wavespeed-older", { paths: [folder] }));
const MODEL = "openai/sora-2/image-to-video";

async function main() {
  const client = new WaveSpeed("any", { baseUrl: `${baseUrl}/api/v3/` });
  const image = await client.upload(new Blob([fs.readFileSync(photo)]), { filename: "field.png" });
  const asked = { image, prompt: "Slow dolly in over the field", duration: 4 };
  const made = await client.run(MODEL, asked, { webhook: `${baseUrl}/healthz?a=1&b=2` });
  const failed = await client.run(MODEL, { ...asked, image: `${baseUrl}/nothing.png` });
  console.log(JSON.stringify({ id: made.id, polled: made.outputs, unreachable: failed.error, status: failed.status }));
}

main();
