// A program of somebody for whom everything goes wrong; says what the JavaScript package told as one line of JSON.
// Arguments: folder of the package, base address, a key with money, one without, a file that is no picture.
const [folder, baseUrl, rich, poor, file] = process.argv.slice(2);
const { Client } = require(require.resolve("wavespeed", { paths: [folder] }));
const MODEL = "openai/sora-2/image-to-video";
const ASKED = { image: "https://example.com/a.jpg", prompt: "Slow dolly in over the field", duration: 4 };

async function told(mistake) {
  try {
    return `no error: ${JSON.stringify(await mistake())}`;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

function run(more = {}, how = {}, key = rich, model = MODEL) {
  const client = new Client(key, { baseUrl, maxRetries: 0 });
  return told(() => client.run(model, { ...ASKED, ...more }, { pollInterval: 0.1, ...how }));
}

async function main() {
  const seen = {
    wrong_key: await run({}, {}, "nonsense"),
    no_money: await run({}, {}, poor),
    duration: await run({ duration: 5 }),
    unknown_field: await run({ fps: 60 }),
    unknown_model: await run({}, {}, rich, "openai/sora-9/image-to-video"),
    private_picture: await run({ image: "http://127.0.0.1/a.png" }),
    no_picture: await told(() => new Client(rich, { baseUrl }).upload(file)),
    patience: await run({}, { timeout: 0.3 }),
    overrun: await run({}, { enableSyncMode: true }),
    cancelled: await run({ prompt: "Cancel me" }),
  };
  console.log(JSON.stringify(seen));
}

main();
