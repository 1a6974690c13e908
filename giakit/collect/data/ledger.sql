-- What was asked, answered and made of it. Views say what that proves; Python reads them and judges nothing again.

CREATE TABLE IF NOT EXISTS runs (run INTEGER PRIMARY KEY, started REAL, ended REAL, contact TEXT, vantage TEXT);
CREATE TABLE IF NOT EXISTS seeds (
    seed INTEGER PRIMARY KEY, url TEXT, kind TEXT, unit TEXT, place TEXT, year TEXT, note TEXT, site TEXT,
    active INTEGER DEFAULT 0, UNIQUE (url, kind));
CREATE TABLE IF NOT EXISTS sites (site TEXT PRIMARY KEY, state TEXT DEFAULT '', reason TEXT DEFAULT '');
CREATE TABLE IF NOT EXISTS requests (id INTEGER PRIMARY KEY, host TEXT, ip TEXT, url TEXT, started REAL, ended REAL, until REAL);
CREATE INDEX IF NOT EXISTS requests_host ON requests (host, started);
CREATE INDEX IF NOT EXISTS requests_ip ON requests (ip, started);
CREATE TABLE IF NOT EXISTS targets (
    site TEXT, seq INTEGER, key TEXT, request TEXT DEFAULT '', url TEXT, seed INTEGER, role TEXT DEFAULT 'page', priority INTEGER DEFAULT 5,
    depth INTEGER DEFAULT 0, anchor TEXT DEFAULT '', title TEXT DEFAULT '', unit TEXT DEFAULT '', year INTEGER, parent TEXT DEFAULT '',
    landing TEXT DEFAULT '', plan TEXT DEFAULT '', via TEXT DEFAULT 'direct', state TEXT DEFAULT 'waiting', was TEXT DEFAULT '',
    tries INTEGER DEFAULT 0, hops INTEGER DEFAULT 0, verdict TEXT DEFAULT '', reason TEXT DEFAULT '', digest TEXT,
    PRIMARY KEY (site, seq), UNIQUE (site, key, request)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS targets_next ON targets (site, state, priority, seq);
CREATE INDEX IF NOT EXISTS targets_seed ON targets (seed, depth);
CREATE TABLE IF NOT EXISTS visits (
    site TEXT, seq INTEGER, run INTEGER, try INTEGER, url TEXT, method TEXT, status INTEGER, started REAL, ended REAL,
    captured TEXT, error TEXT, type TEXT, size INTEGER, digest TEXT, etag TEXT, modified TEXT, tls TEXT,
    record TEXT, record_id TEXT, file TEXT, offset INTEGER, length INTEGER,
    PRIMARY KEY (site, seq, run, try)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS visits_payload ON visits (digest, record);
CREATE TABLE IF NOT EXISTS lists (site TEXT, list TEXT, seed INTEGER, state TEXT, reason TEXT, PRIMARY KEY (site, list));
CREATE TABLE IF NOT EXISTS listed (site TEXT, list TEXT, key TEXT, PRIMARY KEY (site, list, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS readings (
    digest TEXT, member TEXT, verdict TEXT, reading_id TEXT, unit TEXT, year INTEGER, cells INTEGER, extension TEXT, reason TEXT,
    PRIMARY KEY (digest, member)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reports (
    file TEXT PRIMARY KEY, url TEXT, captured TEXT, unit TEXT, year INTEGER, landing TEXT, via TEXT, vantage TEXT, record_id TEXT,
    digest TEXT, member TEXT, cells INTEGER);
CREATE INDEX IF NOT EXISTS reports_landing ON reports (landing);
CREATE INDEX IF NOT EXISTS reports_unit ON reports (unit, year);
CREATE TABLE IF NOT EXISTS known (unit TEXT, year INTEGER, status TEXT, reason TEXT, PRIMARY KEY (unit, year)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS archives (name TEXT PRIMARY KEY, length INTEGER);

-- Every answer that holds a report, or a file that may be one, in the order in which they were met.
CREATE VIEW IF NOT EXISTS answers AS
SELECT t.url, t.anchor, t.title, t.unit AS listed_unit, t.year AS listed_year, t.landing, t.via, t.plan, s.unit AS seed_unit,
       s.year AS seed_year, v.captured, v.record_id, r.*, u.vantage
FROM readings r JOIN visits v ON v.digest = r.digest JOIN targets t ON t.site = v.site AND t.seq = v.seq
LEFT JOIN seeds s ON s.seed = t.seed LEFT JOIN runs u ON u.run = v.run
WHERE r.verdict IN ('report', 'unreadable') AND t.role NOT IN ('robots', 'paging', 'index') AND v.status BETWEEN 200 AND 299
ORDER BY v.run, t.site, t.seq, r.member;

-- Reports that a list names with their year and that were not got.
CREATE VIEW IF NOT EXISTS missed AS
SELECT coalesce(nullif(t.unit, ''), s.unit) AS unit, t.year, t.anchor,
       coalesce(nullif(t.reason, ''), iif(t.state = 'done', 'it is no report that could be read', t.state)) AS reason
FROM targets t LEFT JOIN seeds s ON s.seed = t.seed
WHERE t.priority <= 2 AND t.role IN ('page', 'attachment') AND t.verdict NOT IN ('report', 'list', 'shell') AND t.state <> 'moved'
  AND t.year IS NOT NULL;

-- A seed that moved, or is nothing but a shell, stands for the page that it leads to.
CREATE VIEW IF NOT EXISTS entries AS
SELECT * FROM targets WHERE depth = 0 AND role IN ('page', 'index') AND state <> 'moved' AND verdict <> 'shell';

-- What the lists of a seed say of a report that is not found; of several the first holds.
CREATE VIEW IF NOT EXISTS seed_proofs (seed, rank, status, reason) AS
SELECT seed, 1, state, reason FROM seeds JOIN sites USING (site) WHERE state IN ('refused_robots', 'challenged', 'unreachable')
UNION ALL SELECT seed, 2, 'list_incomplete', reason FROM seeds JOIN sites USING (site) WHERE state <> ''
UNION ALL SELECT seed, 3, 'refused_robots', 'robots.txt disallows the address' FROM entries GROUP BY seed HAVING min(state = 'disallowed')
UNION ALL SELECT seed, 4, 'unreachable', coalesce(nullif(max(reason), ''), 'there is no such page') FROM entries GROUP BY seed
          HAVING min(state IN ('refused', 'failed', 'moved_away', 'missing', 'disallowed'))
UNION ALL SELECT seed, 5, 'list_incomplete', coalesce(nullif(reason, ''), 'a list was not followed to its end') FROM lists
          WHERE state <> 'complete'
UNION ALL SELECT seed, 6, 'refused_robots', 'robots.txt disallows the list ' || url FROM targets
          WHERE state = 'disallowed' AND role IN ('page', 'paging') AND priority IN (0, 3, 4, 5)
UNION ALL SELECT seed, 7, 'list_incomplete', url || ': ' || coalesce(nullif(reason, ''), state) FROM targets
          WHERE (role = 'page' AND priority IN (0, 3, 4, 5) AND state IN ('waiting', 'failed', 'refused', 'missing', 'listed'))
          OR (role = 'paging' AND state IN ('waiting', 'failed', 'refused', 'listed') AND plan LIKE '%"family":"",%')
          OR (state = 'listed' AND reason LIKE 'more than%')
-- Only a list that says what it lists, with a report in it, proves that another report is not in it.
UNION ALL SELECT seed, 8, 'not_listed', 'a complete list does not name it' FROM lists
UNION ALL SELECT seed, 9, 'list_incomplete', 'no list of reports was met' FROM seeds;

CREATE VIEW IF NOT EXISTS seed_states AS
SELECT seeds.*, min(rank) AS rank, status, reason FROM seeds JOIN seed_proofs USING (seed) WHERE active GROUP BY seeds.seed ORDER BY seeds.seed;
