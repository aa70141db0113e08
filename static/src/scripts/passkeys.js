// Passkeys (WebAuthn): forms with data-passkey send what the browser's dialog answers.
//   sign-in  fetches its challenge from the form's address
//   answer   proves a passkey of somebody known, challenge in #passkey-options
//   add      makes a passkey, options in #passkey-options
function bytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function base64url(buffer) {
  const text = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function withIds(list) {
  return (list || []).map((one) => ({ ...one, id: bytes(one.id) }));
}

async function make(options) {
  const publicKey = {
    ...options.publicKey,
    challenge: bytes(options.publicKey.challenge),
    user: { ...options.publicKey.user, id: bytes(options.publicKey.user.id) },
    excludeCredentials: withIds(options.publicKey.excludeCredentials),
  };
  const made = await navigator.credentials.create({ publicKey });
  return {
    type: made.type,
    id: made.id,
    rawId: base64url(made.rawId),
    authenticatorAttachment: made.authenticatorAttachment,
    response: {
      clientDataJSON: base64url(made.response.clientDataJSON),
      attestationObject: base64url(made.response.attestationObject),
      transports: made.response.getTransports?.() || [],
    },
    clientExtensionResults: made.getClientExtensionResults(),
  };
}

async function prove(options) {
  const publicKey = {
    ...options.publicKey,
    challenge: bytes(options.publicKey.challenge),
    allowCredentials: withIds(options.publicKey.allowCredentials),
  };
  const proof = await navigator.credentials.get({ publicKey });
  const handle = proof.response.userHandle;
  return {
    type: proof.type,
    id: proof.id,
    rawId: base64url(proof.rawId),
    authenticatorAttachment: proof.authenticatorAttachment,
    response: {
      clientDataJSON: base64url(proof.response.clientDataJSON),
      authenticatorData: base64url(proof.response.authenticatorData),
      signature: base64url(proof.response.signature),
      userHandle: handle ? base64url(handle) : null,
    },
    clientExtensionResults: proof.getClientExtensionResults(),
  };
}

async function fetched(form) {
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
  return (await answer.json()).request_options;
}

function embedded(form) {
  return JSON.parse(form.querySelector("#passkey-options").textContent);
}

const WAYS = {
  "sign-in": async (form) => prove(await fetched(form)),
  answer: async (form) => prove(embedded(form).request_options),
  add: async (form) => make(embedded(form).creation_options),
};

function problem(error) {
  if (error.name === "NotAllowedError") return "The passkey was not used: cancelled, or it took too long.";
  if (error.name === "InvalidStateError") return "This device already has a passkey of yours.";
  if (error.name === "SecurityError") return "The browser allows passkeys only over https, or on localhost.";
  return `The passkey did not work: ${error.message}`;
}

function start(form) {
  form.hidden = false;
  const told = form.querySelector("[data-passkey-problem]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    told.hidden = true;
    try {
      const credential = await WAYS[form.dataset.passkey](form);
      form.elements.credential.value = JSON.stringify(credential);
      form.submit();
    } catch (error) {
      told.textContent = problem(error);
      told.hidden = false;
    }
  });
}

if (window.PublicKeyCredential && navigator.credentials) {
  for (const form of document.querySelectorAll("form[data-passkey]")) start(form);
} else {
  for (const told of document.querySelectorAll("[data-without-passkeys]")) told.hidden = false;
}
