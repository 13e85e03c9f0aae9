const NAMESPACE = 'http://www.w3.org/2000/svg';
const CENTRE = 160;

function shape(name, attributes, text = '') {
  const created = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) {
    created.setAttribute(key, value);
  }
  created.textContent = text;
  return created;
}

/* A place on a circle, by the fraction of it clockwise from the top. */
function point(radius, fraction) {
  const angle = (fraction - 0.25) * 2 * Math.PI;
  return `${(CENTRE + radius * Math.cos(angle)).toFixed(2)} ${(CENTRE + radius * Math.sin(angle)).toFixed(2)}`;
}

/* An arc from one fraction to another; a full circle needs two. */
function arc(radius, from, to) {
  if (to - from > 0.5) {
    const middle = (from + to) / 2;
    return arc(radius, from, middle) + arc(radius, middle, to);
  }
  return `M${point(radius, from)}A${radius} ${radius} 0 0 1 ${point(radius, to)}`;
}

function band(d, color, width, opacity) {
  return shape('path', { d, fill: 'none', stroke: color, 'stroke-width': width, opacity });
}

/**
 * Draws a ring: outside the arcs as they are, inside each service's share in one piece,
 * in the middle who owns the key.
 */
export function drawRing(svg, ring, color, owner, key) {
  const shapes = [];
  const opacity = (id) => (owner && id !== owner ? 0.28 : 1);
  const byOwner = new Map();
  for (const { from, to, id } of ring.arcs) {
    byOwner.set(id, (byOwner.get(id) || '') + arc(148, from, to));
  }
  byOwner.forEach((d, id) => shapes.push(band(d, color(id), 16, opacity(id))));
  let start = 0;
  for (const [id, share] of Object.entries(ring.shares)) {
    const gap = share < 0.999 ? 0.003 : 0;
    shapes.push(band(arc(110, start + gap, start + share - gap), color(id), 44, opacity(id)));
    if (share > 0.05) {
      const [x, y] = point(110, start + share / 2).split(' ');
      shapes.push(shape('text', { x, y: Number(y) + 5, class: opacity(id) < 1 ? 'percent dim' : 'percent' },
        Math.round(share * 100) + ' %'));
    }
    start += share;
  }
  if (!ring.arcs.length) {
    shapes.push(shape('circle', { cx: CENTRE, cy: CENTRE, r: 110, fill: 'none', stroke: 'currentColor',
      'stroke-width': 1, 'stroke-dasharray': '4 6', opacity: 0.4 }));
  }
  const short = key.length > 16 ? key.slice(0, 15) + '…' : key;
  const above = !ring.arcs.length ? 'no service is' : owner ? short + ' goes to' : '';
  const below = !ring.arcs.length ? 'usable' : owner || '';
  shapes.push(shape('text', { x: CENTRE, y: 150, class: 'centre-label' }, above));
  shapes.push(shape('text', { x: CENTRE, y: 175, class: 'centre' }, below));
  svg.replaceChildren(...shapes);
}
