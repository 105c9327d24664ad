// The graph of a scheme, drawn in the colours of the stylesheet; the table below it says the same.
(() => {
  "use strict";

  const place = document.querySelector("[data-ring]");
  if (!place) return;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  // Shops in the middle, buyers round them, what buyers share outside: the same each time, as wide as the page.
  function places(nodes) {
    const [width, height] = [Math.max(place.clientWidth, 300), Math.max(place.clientHeight, 200)];
    const found = {};
    const round = (some, across, down, turn) => some.forEach((one, at) => {
      const angle = -Math.PI / 2 + turn + (2 * Math.PI * at) / some.length;
      found[one.id] = { x: width * (0.5 + across * Math.cos(angle)), y: height * (0.5 + down * Math.sin(angle)) };
    });
    const shops = nodes.filter((one) => one.kind === "shop");
    const buyers = nodes.filter((one) => one.kind === "buyer");
    const things = nodes.filter((one) => one.kind !== "shop" && one.kind !== "buyer");
    const crowd = shops.length > 4;
    if (shops.length > 1) round(shops, crowd ? 0.22 : 0.13, crowd ? 0.3 : shops.length > 2 ? 0.14 : 0, Math.PI / 2);
    else shops.forEach((one) => { found[one.id] = { x: width / 2, y: height / 2 }; });
    round(buyers, crowd ? 0.4 : 0.31, crowd ? 0.44 : 0.34, 0.12);
    round(things, 0.47, 0.5, things.length ? Math.PI / things.length : 0);
    return (node) => found[node.id()];
  }


  const style = (many, crowded) => [
    { selector: "node", style: {
      label: "data(name)", "font-size": 11, "font-family": getComputedStyle(document.body).fontFamily,
      color: colour("ink"), "text-valign": "bottom", "text-margin-y": 4, "text-outline-width": 2,
      "text-outline-color": colour("surface"), "background-color": colour("series-1"), width: 20, height: 20,
      "min-zoomed-font-size": 7,
    } },
    { selector: "node[kind = 'shop']", style: {
      shape: "round-rectangle", "background-color": colour("accent"), width: 34, height: 34, "font-size": 13, "font-weight": 600,
    } },
    { selector: "node[kind = 'device'], node[kind = 'address'], node[kind = 'ip']", style: {
      shape: "diamond", "background-color": colour("series-5"), width: 22, height: 22,
    } },
    { selector: "edge", style: {
      width: "mapData(number, 1, 10, 1.2, 5)", "line-color": colour("edge"), "line-opacity": .55, "curve-style": "bezier",
      "target-arrow-shape": "triangle", "target-arrow-color": colour("edge"), "arrow-scale": .7,
    } },
    { selector: "edge[kind = 'back']", style: {
      "line-color": colour("accent"), "target-arrow-color": colour("accent"), "line-style": "dashed", "line-opacity": .9,
    } },
    { selector: "edge[kind = 'shares']", style: { "line-style": "dotted", "target-arrow-shape": "none", width: 1.2 } },
    ...(crowded ? [{ selector: "node[kind = 'shop']", style: { width: 20, height: 20, "font-size": 10 } }] : []),
    ...(many ? [{ selector: "node[kind = 'buyer']", style: { label: "", width: 12, height: 12 } }] : []),
    { selector: "node[?others][!member]", style: { opacity: .6 } },
    { selector: ".away", style: { opacity: .12 } },
  ];

  const loaded = () => new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = place.dataset.library;
    script.onload = () => resolve(window.cytoscape);
    script.onerror = reject;
    document.head.append(script);
  });

  async function draw() {
    const answer = await fetch(place.dataset.ring, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const [graph, cytoscape] = [await answer.json(), await loaded()];
    place.hidden = false;
    const many = graph.nodes.length > 40;
    const others = graph.nodes.some((one) => one.member);
    const crowded = graph.nodes.filter((one) => one.kind === "shop").length > 4;
    const drawing = cytoscape({
      container: place,
      elements: [
        ...graph.nodes.map((data) => ({ data: { ...data, others } })),
        ...graph.edges.map((data, at) => ({ data: { id: `e${at}`, ...data } })),
      ],
      style: style(many, crowded),
      layout: { name: "preset", positions: places(graph.nodes), fit: true, padding: 18 },
      userZoomingEnabled: false, boxSelectionEnabled: false, autounselectify: true,
    });
    drawing.on("tap", "node", (event) => {
      drawing.elements().addClass("away");
      event.target.closedNeighborhood().removeClass("away");
    });
    drawing.on("tap", (event) => { if (event.target === drawing) drawing.elements().removeClass("away"); });
    dark.addEventListener("change", () => drawing.style(style(many, crowded)));
    new ResizeObserver(() => {
      drawing.resize();
      drawing.layout({ name: "preset", positions: places(graph.nodes), fit: true, padding: 18 }).run();
    }).observe(place);
    document.querySelector("[data-ring-table]")?.removeAttribute("open");
    place.dataset.nodes = String(drawing.nodes().length);
  }

  draw();
})();
