// What a program does with the official JavaScript client: the address, the photo and a folder as arguments.
import fs from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [baseUrl, photo, folder, packages] = process.argv.slice(2);
const require = createRequire(pathToFileURL(path.join(packages, "here.js")));
const openai = require("openai");
const webhooks = async (what, body) => {
  const sent = body && { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  return (await fetch(`${baseUrl}/api/native/v1/webhooks/${what}`, sent)).json();
};
const { secret } = await webhooks("secret");
const client = new openai.OpenAI({ baseURL: `${baseUrl}/v1`, apiKey: "any", webhookSecret: secret });
const prompt = "Slow dolly in";
const seen = {};
const events = {};
const receiver = http.createServer(async (request, response) => {
  let body = "";
  for await (const part of request) body += part;
  const event = await client.webhooks.unwrap(body, request.headers);
  await client.webhooks.unwrap(`${body} `, request.headers).catch((error) => {
    if (error instanceof openai.InvalidWebhookSignatureError) events[event.data.id] = event.type;
  });
  response.writeHead(204).end();
});
await new Promise((ready) => receiver.listen(0, "127.0.0.1", ready));
await webhooks("target", { url: `http://127.0.0.1:${receiver.address().port}/told` });
const toldOf = async (id) => {
  for (let left = 600; left > 0 && !(id in events); left -= 1) await new Promise((wake) => setTimeout(wake, 100));
  return events[id];
};

const asked = client.videos.create({
  prompt,
  size: "1280x720",
  input_reference: fs.createReadStream(photo),
});
let { data: made, response } = await asked.withResponse();
while (made.status === "queued" || made.status === "in_progress") {
  await new Promise((wake) => setTimeout(wake, Number(response.headers.get("openai-poll-after-ms"))));
  made = await client.videos.retrieve(made.id);
}
Object.assign(seen, { status: made.status, progress: made.progress, size: made.size });
for (const variant of ["video", "thumbnail", "spritesheet"]) {
  const answer = await client.videos.downloadContent(made.id, { variant });
  fs.writeFileSync(path.join(folder, variant), Buffer.from(await answer.arrayBuffer()));
}
const file = await openai.toFile(fs.readFileSync(photo), "cat.png", { type: "image/png" });
const others = [
  await client.videos.create({ prompt, model: "sora-2-pro", seconds: "4", input_reference: file }),
  await client.videos.create({ prompt, input_reference: { image_url: "https://nobody.invalid/lake.jpg" } }),
  await client.videos.remix(made.id, { prompt: "now gulls" }),
];
seen.remixed = others.at(-1).remixed_from_video_id === made.id;
const listed = [];
for await (const one of client.videos.list({ limit: 2, order: "asc" })) listed.push(one.id);
seen.listed = JSON.stringify(listed) === JSON.stringify([made.id, ...others.map((one) => one.id)]);
seen.same = JSON.stringify(await client.videos.retrieve(made.id)) === JSON.stringify(made);
let bad = others[1];
while (bad.status === "queued" || bad.status === "in_progress") {
  await new Promise((wake) => setTimeout(wake, 100));
  bad = await client.videos.retrieve(bad.id);
}
seen.failed = bad.error.code;
seen.told = [await toldOf(made.id), await toldOf(bad.id)];
await webhooks("target", { url: null });
receiver.close();
receiver.closeAllConnections();
const none = await openai.toFile(Buffer.from("no picture"), "a.png");
const told = (act) =>
  act().then(
    () => null,
    (error) => [error.constructor.name, error.status, error.param, error.code],
  );
const words = (more) => ({ prompt, input_reference: file, ...more });
seen.errors = {
  seconds: await told(() => client.videos.create(words({ seconds: "5" }))),
  model: await told(() => client.videos.create(words({ model: "sora-9" }))),
  picture: await told(() => client.videos.create(words({ input_reference: none }))),
  none: await told(() => client.videos.create({ prompt })),
  edit: await told(() => client.post("/videos/edits", { body: { prompt } })),
  fetch: await told(() => client.videos.downloadContent(bad.id)),
};
seen.deleted = [];
for (const one of [...others, made]) seen.deleted.push((await client.videos.delete(one.id)).deleted);
seen.left = (await client.videos.list()).data.length;
seen.models = (await client.models.list()).data.slice(0, 2).map((one) => one.id);
seen.errors.gone = await told(() => client.videos.retrieve(made.id));
console.log(JSON.stringify(seen));
