import { drawRing } from './ring.js';

const COLORS = { 'game-1': '#3b6fd4', 'game-2': '#d97a1e', 'game-3': '#23936c', 'pay-1': '#8a5cd6', 'pay-2': '#c74a7d' };
const SERVICES = ['game', 'pay'];
const OWN = Object.keys(COLORS).length;
const OTHERS = ['#3f93a8', '#7d8a2e', '#94653c', '#5b6b8c', '#b0562f'];
const STATES = { READY: 'good', UP: 'good', CONNECTED: 'warn', CONNECTING: 'warn', DRAINING: 'warn', SUSPENDED: 'warn', BACKOFF: 'bad', DOWN: 'bad' };
const EVENTS = { ready: 'good', connected: 'good', added: 'good', disconnected: 'bad', removed: 'bad' };
const LOG_LENGTH = 200;

const element = (id) => document.getElementById(id);
let fleet = { services: [], servers: [] };
let shown = '';
const rings = new Map();

/* Text goes into the page as text only: ids and messages come from outside. */
function node(name, attributes = {}, ...children) {
  const created = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === 'style') {
      created.style.setProperty('--color', value);
    }
    else if (key in created) {
      created[key] = value;
    }
    else {
      created.setAttribute(key, value);
    }
  }
  created.append(...children);
  return created;
}

function color(id) {
  if (!COLORS[id]) {
    COLORS[id] = OTHERS[(Object.keys(COLORS).length - OWN) % OTHERS.length];
  }
  return COLORS[id];
}

const label = (id) => node('span', {}, node('span', { className: 'dot', style: color(id) }), id);

/* Calls the gateway; an error of it is thrown with its message. */
async function call(path, options) {
  const response = await fetch(path, options);
  const answer = await response.json();
  if (!response.ok) {
    throw new Error(answer.detail || answer.message || answer.error || response.statusText);
  }
  return answer;
}

function query(parameters) {
  return new URLSearchParams(Object.entries(parameters).filter(([, value]) => value)).toString();
}

function log(list, className, time, what, ...detail) {
  list.prepend(node('li', {}, node('time', {}, time.toTimeString().slice(0, 8)),
    node('span', { className: 'what ' + className }, what), ...detail));
  while (list.childElementCount > LOG_LENGTH) {
    list.lastChild.remove();
  }
}

const detail = (text) => node('span', { className: 'detail' }, text);

const same = (service, server) => service.service === server.service && service.id === server.id;

/* Services: what the gateway knows, and the servers it does not know of at present. */
function showServices() {
  const rows = fleet.services.map((service) => {
    const server = fleet.servers.find((candidate) => same(service, candidate));
    const name = SERVICES.includes(service.service) ? service.id : `${service.service}/${service.id}`;
    return row(name, service, server);
  });
  for (const server of fleet.servers) {
    if (!fleet.services.some((service) => same(service, server))) {
      rows.push(row(server.id, { id: server.id, tags: server.tag ? [server.tag] : [], address: '–' }, server));
    }
  }
  rows.sort((one, other) => one.dataset.name.localeCompare(other.dataset.name));
  element('services').replaceChildren(...rows);
}

function row(name, service, server) {
  const state = node('td', {}, node('span', { className: 'state ' + (STATES[service.state] || 'soft') },
    (service.held ? service.state + ', HELD' : service.state) || 'NOT LISTED'));
  if (service.held) {
    state.append(node('span', { className: 'why' },
      'Most of its group has left the registry at once: it is kept until another read confirms that.'));
  }
  if (service.failure && !service.onRing) {
    state.append(node('span', { className: 'why' }, service.failure));
  }
  const created = node('tr', {},
    node('td', {}, node('span', { className: 'dot', style: color(service.id) }), name), state,
    node('td', {}, ...service.tags.flatMap((text) => [node('span', { className: 'tag' }, text), ' '])),
    node('td', { className: 'address' }, service.address),
    node('td', {}, ...(server ? buttons(server) : [])));
  created.dataset.name = name;
  return created;
}

function buttons(server) {
  const running = server.state === 'RUNNING';
  const button = (action, text, enabled) => node('button', {
    type: 'button', disabled: !enabled, onclick: () => change(server.id, action), ariaLabel: `${text} ${server.id}`,
  }, text);
  return running ? [button('stop', 'Stop', true), button('kill', 'Kill', true)] : [button('start', 'Start', true)];
}

async function change(id, action) {
  try {
    await call(`api/servers/${id}/${action}`, { method: 'POST' });
  }
  catch (error) {
    log(element('events'), 'bad', new Date(), `cannot ${action} ${id}`, detail(error.message));
  }
}

/* The rings: of all game servers, of those with each tag, and of the pay servers. */
function listRings() {
  const tags = [...new Set([...fleet.services.filter((service) => service.service === 'game')
    .flatMap((service) => service.tags), ...fleet.servers.map((server) => server.tag)])].filter(Boolean).sort();
  return [{ name: 'game', service: 'game' }, ...tags.map((tag) => ({ name: tag, service: 'game', tag })),
    { name: 'pay', service: 'pay' }];
}

const keyOf = (ring) => query({ service: ring.service, tag: ring.tag });

function showTabs() {
  const listed = listRings();
  const names = listed.map(keyOf).join();
  if (element('tabs').dataset.names === names) {
    return listed;
  }
  element('tabs').dataset.names = names;
  shown = listed.some((ring) => keyOf(ring) === shown) ? shown : keyOf(listed[0]);
  element('tabs').replaceChildren(...listed.map((ring) => node('button', {
    type: 'button', role: 'tab', ariaSelected: String(keyOf(ring) === shown),
    onclick: (event) => select(ring, event.target),
  }, ring.name)));
  const chosen = element('tag').value;
  const tags = listed.filter((ring) => ring.service === 'game');
  element('tag').replaceChildren(...tags.map((ring) => node('option', { value: ring.tag || '' }, ring.tag || 'all')));
  element('tag').value = tags.some((ring) => ring.tag === chosen) ? chosen : '';
  return listed;
}

function select(ring, button) {
  shown = keyOf(ring);
  for (const other of element('tabs').children) {
    other.ariaSelected = String(other === button);
  }
  update();
}

/* Whether a ring has a service that keys lead to. */
function usable(ring) {
  return fleet.services.some((service) => service.service === ring.service && service.onRing
    && (!ring.tag || service.tags.includes(ring.tag)));
}

async function showRoutes(listed, key) {
  const routes = await Promise.all(listed.map((ring) => usable(ring) && key
    ? call('api/route?' + query({ key, service: ring.service, tag: ring.tag })).catch((error) => ({ error: error.message }))
    : {}));
  element('routes').replaceChildren(...routes.flatMap((route, i) => [node('dt', {}, listed[i].name),
    route.id ? node('dd', {}, label(route.id),
      node('small', {}, route.next.length ? 'then ' + route.next.join(', ') : 'no other'))
      : node('dd', { className: key ? 'bad' : 'soft', title: route.error || '' }, key ? 'nobody' : '–')]));
  return routes[listed.findIndex((ring) => keyOf(ring) === shown)];
}

async function showRing(listed, route, key) {
  const empty = { shares: {}, arcs: [] };
  if (!rings.has(shown)) {
    const ring = listed.find((candidate) => keyOf(candidate) === shown);
    rings.set(shown, usable(ring) ? call('api/ring?' + shown).catch(() => empty) : empty);
  }
  const ring = await rings.get(shown);
  drawRing(element('ring'), ring, color, route && route.id, key);
  element('legend').replaceChildren(...Object.entries(ring.shares).map(([id, share]) =>
    node('li', {}, label(id), node('b', {}, (share * 100).toFixed(1) + ' %'))));
}

/* One update at a time; what changes meanwhile causes another. */
let updating = false;
let again = false;

async function update() {
  again = true;
  if (updating) {
    return;
  }
  updating = true;
  try {
    while (again) {
      again = false;
      try {
        showServices();
        const listed = showTabs();
        const key = element('key').value;
        await showRing(listed, await showRoutes(listed, key), key);
      }
      catch (error) {
        // What has changed meanwhile is shown all the same.
        console.error(error);
      }
    }
  }
  finally {
    updating = false;
  }
}

function showRegistry(text, className) {
  element('registry').textContent = text;
  element('registry').className = 'pill ' + className;
}

async function send(event) {
  event.preventDefault();
  const key = element('key').value;
  try {
    const reply = await call('api/request?' + query({ key, tag: element('tag').value }),
      { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: element('text').value });
    log(element('replies'), '', new Date(), label(reply.id), detail(reply.reply));
  }
  catch (error) {
    log(element('replies'), 'bad', new Date(), 'failed', detail(error.message));
  }
}

async function broadcast() {
  try {
    const outcome = await call('api/broadcast',
      { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: element('text').value });
    const refused = Object.entries(outcome.targets).filter(([, result]) => result !== 'ACCEPTED');
    log(element('replies'), '', new Date(), `broadcast: ${outcome.accepted} sent, ${outcome.replies} replied`,
      detail(outcome.repliedBy.join(', ') + refused.map(([id, result]) => `; ${id}: ${result}`).join('')));
  }
  catch (error) {
    log(element('replies'), 'bad', new Date(), 'failed', detail(error.message));
  }
}

async function pay() {
  try {
    const served = await call('api/pay?' + query({ key: element('key').value }));
    log(element('replies'), '', new Date(), label(served.id), detail('served over HTTP'));
  }
  catch (error) {
    log(element('replies'), 'bad', new Date(), 'failed', detail(error.message));
  }
}

function listen() {
  const source = new EventSource('api/events');
  source.onopen = () => element('events').replaceChildren();
  source.onerror = () => showRegistry('gateway is away', 'bad');
  source.addEventListener('fleet', (event) => {
    fleet = JSON.parse(event.data);
    rings.clear();
    showRegistry(fleet.registryReason || `${fleet.registry}: ${fleet.registryState.toLowerCase()}`,
      fleet.registryState === 'UP' ? 'good' : 'bad');
    update();
  });
  source.addEventListener('log', (event) => {
    const entry = JSON.parse(event.data);
    log(element('events'), EVENTS[entry.type] || '', new Date(entry.time), entry.type, label(entry.id),
      detail([SERVICES.includes(entry.service) ? '' : entry.service, entry.detail].filter(Boolean).join(': ')));
  });
}

element('key').addEventListener('input', update);
element('send').addEventListener('submit', send);
element('broadcast').addEventListener('click', broadcast);
element('pay').addEventListener('click', pay);
listen();
