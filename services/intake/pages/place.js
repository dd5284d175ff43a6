// The phone's position, once, and only when the button is tapped. Without this the form is whole; nothing is followed.
"use strict";
(() => {
  const box = document.getElementById("here");
  if (!box || !navigator.geolocation || !window.isSecureContext) return;
  const field = (name) => box.querySelector(`[name="place.point.${name}"]`);
  const ask = document.getElementById("here-ask"), forget = document.getElementById("here-forget");
  const said = document.getElementById("here-said");
  const WAIT = 20000, PLACES = 6;  // a tenth of a metre; a phone knows ten metres

  const show = (key, metres = "") => {
    said.textContent = key ? said.dataset[key].replaceAll("{metres}", metres) : "";
    forget.hidden = !field("lng").value;
  };

  const keep = ({ coords }) => {
    field("lng").value = coords.longitude.toFixed(PLACES);
    field("lat").value = coords.latitude.toFixed(PLACES);
    field("crs").value = "WGS84";
    ask.disabled = false;
    show("found", String(Math.round(coords.accuracy)));
  };

  const drop = (key) => {
    for (const name of ["lng", "lat", "crs"]) field(name).value = "";
    ask.disabled = false;
    show(key);
  };

  ask.addEventListener("click", () => {
    ask.disabled = true;
    show("looking");
    navigator.geolocation.getCurrentPosition(
      keep,
      (error) => drop(error.code === error.PERMISSION_DENIED ? "denied" : "lost"),
      { enableHighAccuracy: true, timeout: WAIT, maximumAge: 0 },
    );
  });
  forget.addEventListener("click", () => { drop(""); ask.focus(); });
  box.hidden = false;
  show(field("lng").value ? "kept" : "");
})();
