// The address that `tuned serve` prints carries the token behind "#", which a browser never sends: it is put into the
// form, and taken out of the address.
"use strict";
const token = location.hash.slice(1);
if (token) {
  history.replaceState(null, "", location.pathname);
  const form = document.getElementById("enter");
  form.elements.token.value = token;
  form.submit();
}
