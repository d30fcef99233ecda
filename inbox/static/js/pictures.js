// Pictures pasted or dropped into a text go along as files and stand where the cursor was.

const plain = (name) => name.replace(/[[\]\s]+/g, "-").slice(-80);

function named(file, taken) {
  const ending = file.type.split("/")[1].split("+")[0].replace("jpeg", "jpg");
  const given = plain(file.name || `image.${ending}`);
  if (!taken.has(given)) return given;
  const stem = given.replace(/\.\w+$/, "");
  for (let number = 2; ; number++) {
    if (!taken.has(`${stem}-${number}.${ending}`)) return `${stem}-${number}.${ending}`;
  }
}

function put(text, pictures) {
  const chips = text.form.querySelectorAll("[data-file]");
  const taken = new Set([...chips].map((chip) => chip.dataset.file));
  return pictures.map((picture) => {
    const name = named(picture, taken);
    taken.add(name);
    text.setRangeText(`[image: ${name}]`, text.selectionStart, text.selectionEnd, "end");
    return new File([picture], name, { type: picture.type });
  });
}

async function upload(text, files) {
  const form = text.form;
  const data = new FormData(form);
  data.delete("files");
  for (const file of files) data.append("files", file);
  const tab = document.querySelector("[data-tab]:checked");
  data.set("way", tab?.value ?? "");
  const answer = await fetch(form.dataset.enclose, { method: "POST", body: data });
  if (!answer.ok) throw new Error(answer.statusText);
  form.querySelector("[data-enclosed]").innerHTML = await answer.text();
}

async function take(text, files) {
  const before = text.value;
  const named = put(text, files);
  try {
    await upload(text, named);
    text.dispatchEvent(new Event("input", { bubbles: true }));
  } catch {
    text.value = before;
  }
}

function offered(event, transfer) {
  const text = event.target;
  if (!text.matches?.("[data-pictures]")) return [];
  if (!text.form.querySelector('input[type="file"]')?.getClientRects().length) return [];
  return [...(transfer?.files ?? [])].filter((file) => file.type.startsWith("image/"));
}

document.addEventListener("paste", (event) => {
  // A spreadsheet's cells come as a picture as well: their words are what is meant.
  if (event.clipboardData?.types.includes("text/plain")) return;
  const pictures = offered(event, event.clipboardData);
  if (!pictures.length) return;
  event.preventDefault();
  take(event.target, pictures);
});

document.addEventListener("dragover", (event) => {
  const isText = event.target.matches?.("[data-pictures]");
  if (isText && event.dataTransfer.types.includes("Files")) event.preventDefault();
});

document.addEventListener("drop", (event) => {
  const pictures = offered(event, event.dataTransfer);
  if (!pictures.length) return;
  event.preventDefault();
  take(event.target, pictures);
});
