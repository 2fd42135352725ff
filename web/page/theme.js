// Sets the colours that the reader has chosen before anything is shown: no module, since those run after the page is there.
try {
  document.documentElement.dataset.theme = localStorage.getItem("parley:theme") ?? "auto";
} catch {
  // Without storage there is no choice: the colours are those of the system.
}
