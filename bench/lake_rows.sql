-- The rows of a large invented lake as macros, tables and views: everything follows from the number of an
-- order, a shop, a product, a buyer or a query account, so that tables agree without having been joined.
-- Variables (set by lake_fill.py): orders, shops, buyers, power, days, begin, mixes (places, categories), phrases.
-- Schemes stand in one shop in some hundreds: enough for every detector to have something to find.

-- A draw for a number, independent for each purpose (below 1024; a hash of two columns would tie them to each
-- other): between 0 and 1, or a whole number below `many`.
CREATE MACRO chance(number, purpose) AS
    (hash(number::BIGINT * 1024 + purpose::INTEGER) >> 11)::DOUBLE / 9007199254740992;
CREATE MACRO pick(number, purpose, many) AS
    (hash(number::BIGINT * 1024 + purpose::INTEGER) % many::UBIGINT)::BIGINT;
CREATE MACRO one_of(texts, number, purpose) AS texts[1 + pick(number, purpose, len(texts))];
-- About lognormal with median 1: never far out, and without a logarithm.
CREATE MACRO spread(number, purpose, width) AS exp(width * 2 *
    (chance(number, purpose) + chance(number, purpose + 1) + chance(number, purpose + 2) - 1.5));
CREATE MACRO moment(seconds) AS make_timestamp((seconds)::BIGINT * 1000000);
CREATE MACRO yuan(fen) AS ((fen) / 100.0)::DECIMAL(18, 2);
CREATE MACRO network(number) AS
    [36, 59, 110, 117, 120, 183, 218, 222][1 + (number >> 20) % 8] || '.' || ((number >> 14) & 63) || '.'
    || ((number >> 7) & 127) || '.' || (1 + (number & 127));

-- Orders are numbered in time; within a day the share `part` of them has come by this share of its seconds.
CREATE MACRO day_clock(part) AS part - 0.11 * sin(2 * pi() * part);
CREATE MACRO created(number) AS (getvariable('begin')
    + 86400 * (number * getvariable('days') // getvariable('orders'))
    + floor(86399 * day_clock(
        (number * getvariable('days') % getvariable('orders')) / getvariable('orders'))))::BIGINT;

CREATE TABLE numbers AS SELECT range AS i FROM range(getvariable('orders'));

CREATE MACRO shop_name(s) AS
    one_of(['闽江', '榕城', '鹭岛', '武夷', '晋江', '泉南', '湖畔', '江北', '海西', '青山', '东街', '南门'], s, 101)
    || one_of(string_split('安白晨大丰福光和宏华嘉金景康乐利美明宁平庆荣瑞盛泰天祥新兴益永裕源悦', ''), s, 102)
    || one_of(string_split('记达发丰福光海恒辉惠吉佳建锦康来隆茂美年盛顺泰通旺祥兴信亿优源悦泽致', ''), s, 103)
    || one_of(string_split('安白晨大丰福光和宏华嘉金景康乐利美明宁平庆荣瑞盛泰天祥新兴益永裕源悦', ''), s, 104);

CREATE MACRO brand_name(number) AS
    substr('安柏川岱枫谷禾湖锦珂澜棉宁沛青融杉棠湾溪', 1 + number % 20, 1)
    || substr('度尔格荷嘉凯朗牧诺奇然森特韦夏雅泽', 1 + number * 7 // 20 % 17, 1) || substr('家坊', 1 + number // 340 % 3, 1);

CREATE TABLE shop AS
SELECT *,
    place_of.* EXCLUDE (n), kind.* EXCLUDE (n),
    shop_name(s) || one_of(['旗舰店', '专营店', '专卖店', '小店', '商行', '优选', '生活馆', '工厂店'], s, 105) AS name,
    CASE WHEN chance(s, 106) < 0.3 OR scheme = 'alike' THEN 'shop' || to_base(pick(s, 107, 1e9), 36)
        || one_of(['.com', '.cn', '.com.cn', '.shop', '.net'], s, 108) END AS domain,
    getvariable('begin') - 86400 * pick(s, 109, 8 * getvariable('days')) - pick(s, 110, 86400) AS opened
FROM (
    SELECT range AS s, range // period AS ring, 'm' || (1000000 + range) AS seller_id,
        CASE WHEN range % 10 < 5 THEN 'harbour' WHEN range % 10 < 8 THEN 'lantern' ELSE 'orchard' END AS platform,
        -- Where in the ranking a scheme stands differs from one thousand shops to the next.
        coalesce(['ring', 'ring', 'ring', 'ring', 'ring', 'ring', 'hollow', 'forged', 'praise', 'blame', 'traffic',
         'price', 'fake', 'differs', 'returned', 'alike'][1 + (range * 7919 + 31 * (range // period)) % period],
            'none') AS scheme,
        getvariable('places')[1 + pick(range, 111, 200)] AS place,
        getvariable('categories')[1 + pick(range, 112, 200)] AS category_no
    FROM range(getvariable('shops')), (SELECT least(5000, getvariable('shops')) AS period)
)
JOIN place AS place_of ON place_of.n = place
JOIN category AS kind ON kind.n = category_no;

-- Forty products a shop; a brand and its bar code on half of them.
CREATE TABLE product AS
SELECT *, CASE WHEN brand IS NOT NULL THEN first || ((10 - (
        3 * list_sum(list_transform([2, 4, 6, 8, 10, 12], lambda k: first[k]::INTEGER))
        + list_sum(list_transform([1, 3, 5, 7, 9, 11], lambda k: first[k]::INTEGER))) % 10) % 10)
    END AS gtin
FROM (
    SELECT s * 40 + range AS p, 'p' || (1000000000 + s * 40 + range) AS product_id,
        s, seller_id, platform, scheme,
        ring, place, lat, lon, code, category, dwell, rated, goods, opened,
        CASE WHEN scheme = 'differs' THEN 0.35 ELSE returned END AS returned,
        CASE WHEN pick(p, 121, 2) = 0 THEN category_no * 25 + pick(p, 122, 25) END AS brand,
        690000000000 + coalesce(category_no * 25 + pick(p, 122, 25), 0) * 100000 + pick(p, 123, 100000) AS code_no,
        code_no::VARCHAR AS first,
        (10 * ceil(price * spread(p, 124, 0.5) * CASE WHEN scheme = 'fake' THEN 2.5 ELSE 10 END))::BIGINT AS fen,
        weight * spread(p, 127, 0.4) AS grams
    FROM shop, range(40)
);

-- A quote about every week; in one shop of eight two of them are a promotion's.
CREATE MACRO quote_seconds() AS getvariable('days') * 86400 // 12;
CREATE MACRO quote_at(seconds, p) AS
    floor((seconds - getvariable('begin')) / quote_seconds() - chance(p, 131))::BIGINT;
CREATE MACRO promoted(s, quote) AS pick(s, 132, 8) = 0 AND quote IN (3, 4);
CREATE MACRO price_of(fen, s, quote) AS fen * CASE WHEN promoted(s, quote) THEN 8 ELSE 10 END // 10;

-- What happens to each order, without any text yet.
CREATE MACRO buyer_of(number) AS (getvariable('buyers') * pow(chance(number, 3), 1.3))::BIGINT;
CREATE MACRO place_of_buyer(b) AS getvariable('places')[1 + pick(b, 31, 200)];

CREATE VIEW drawn AS
SELECT i, created(i) AS created,
    (floor(getvariable('shops') * pow(chance(i, 1), getvariable('power')))::BIGINT * 40
        + floor(40 * pow(chance(i, 2), 2))::BIGINT) AS p
FROM numbers;

CREATE VIEW traded AS
SELECT d.i, d.created, g.p, g.s, g.fen, g.grams, g.scheme, g.ring, g.place, g.lat, g.lon, g.code,
    g.product_id, g.seller_id, g.platform, g.gtin, g.dwell, g.rated,
    CASE WHEN scheme IN ('ring', 'praise') THEN chance(i, 4) < 0.5
         WHEN scheme = 'blame' THEN chance(i, 4) < 0.1 ELSE false END AS staged,
    CASE WHEN staged THEN getvariable('buyers') + 100 + (ring * 3 + length(scheme) % 3) * 60 + pick(i, 5, 60)
         ELSE buyer_of(i) END AS b,
    CASE WHEN chance(i, 6) < 0.82 THEN 1 ELSE 2 + floor(6 * pow(chance(i, 7), 3))::BIGINT END AS quantity,
    -- At the price that is quoted then; one in five has a coupon.
    price_of(fen, s, quote_at(created, g.p)) * CASE WHEN pick(i, 8, 5) = 0 THEN 9 ELSE 10 END // 10 * quantity AS paid,
    CASE WHEN chance(i, 9) < 0.04 THEN 'cancelled' WHEN chance(i, 10) < returned AND NOT staged THEN 'refunded'
         ELSE 'received' END AS status,
    status <> 'cancelled' AND chance(i, 11) < 0.94 AS sent,
    scheme = 'hollow' OR (scheme = 'ring' AND staged) AS hollow,
    CASE WHEN pick(i, 12, 5) = 0 THEN pick(i, 13, 4) ELSE s % 4 END AS carrier_no,
    created + 5 + pick(i, 14, 120) AS paid_second,
    created + 3600 + (108000 * pow(chance(i, 15), 2))::BIGINT AS shipped
FROM drawn AS d JOIN product AS g ON g.p = d.p;

CREATE VIEW carried AS
SELECT t.*, home.code AS home_code, home.lat AS home_lat, home.lon AS home_lon, home.n AS home,
    ['swift', 'heron', 'granite', 'comet'][1 + carrier_no] AS carrier,
    ['SW', 'HE', 'GR', 'CT'][1 + carrier_no] || (7300000000000 + i) AS waybill_no,
    111 * (abs(t.lat - home.lat) + 0.85 * abs(t.lon - home.lon)) AS kilometres,
    shipped + 600 + pick(i, 16, 18000) AS collected,
    collected + 5400 + pick(i, 17, 10800) AS departed,
    departed + 5400 + (kilometres * (72 + 30 * chance(i, 18)))::BIGINT AS arrived,
    arrived + 7200 + pick(i, 19, 36000) AS brought,
    brought + 1800 + pick(i, 20, 21600) AS signed,
    CASE WHEN staged AND scheme = 'ring' THEN signed + 60 + pick(i, 21, 600)
         ELSE signed + 600 + (500000 * pow(chance(i, 21), 2))::BIGINT END AS received
FROM traded AS t JOIN place AS home ON home.n = place_of_buyer(t.b);

CREATE MACRO device_of(b, number) AS 'd' || (10000000 + 2 * b + (pick(number, 22, 10) = 0)::BIGINT);
CREATE MACRO network_of(b, number) AS network(CASE WHEN pick(number, 23, 10) < 3
    THEN 4000000 + pick(number, 24, greatest(getvariable('buyers') // 40, 8)) ELSE pick(b // 2, 25, 4000000) END);
CREATE MACRO home_of(b) AS 'h' || (10000000 + b // 2);

CREATE VIEW rows_orders AS
SELECT i, created AS second, 'o' || (1000000000 + i) AS order_id, platform, seller_id,
    'b' || (10000000 + b) AS buyer_id,
    product_id, gtin, quantity, yuan(paid) AS amount, moment(created) AS created_at,
    CASE WHEN status <> 'cancelled' OR pick(i, 41, 2) = 0 THEN moment(paid_second) END AS paid_at,
    CASE WHEN sent THEN moment(shipped) END AS shipped_at, CASE WHEN sent THEN moment(received) END AS received_at,
    status, CASE WHEN status = 'refunded' THEN yuan(paid) ELSE 0::DECIMAL(18, 2) END AS refund_amount,
    CASE WHEN staged THEN 'x' || (1000 + ring * 10 + b % 9) ELSE device_of(b, i) END AS buyer_device,
    CASE WHEN staged THEN network(7000000 + ring * 10 + b % 5) ELSE network_of(b, i) END AS buyer_ip,
    home_of(CASE WHEN staged THEN b - b % 12 ELSE b END) AS address_hash,
    CASE WHEN sent THEN waybill_no END AS waybill_no, CASE WHEN sent THEN carrier END AS carrier,
    CASE WHEN staged THEN 'link' ELSE
        ['search', 'search', 'search', 'recommend', 'recommend', 'direct', 'direct', 'link', 'ad', 'search']
        [1 + pick(i, 42, 10)] END AS entry,
    CASE WHEN staged THEN 2.0 ELSE round(dwell * spread(i, 43, 0.8), 1) END AS dwell_s
FROM carried;

CREATE VIEW rows_parcels AS
SELECT i, shipped AS second, waybill_no, carrier, 'o' || (1000000000 + i) AS order_id,
    CASE WHEN hollow THEN 'x' || (1000 + ring) ELSE 'w' || (1000000 + s) END AS sender_id, code AS sender_region,
    CASE WHEN hollow THEN 'g' || (1000 + ring) ELSE 'g' || (1000000 + s) END AS sender_address_hash,
    home_code AS receiver_region, home_of(CASE WHEN staged THEN b - b % 12 ELSE b END) AS receiver_address_hash,
    CASE WHEN hollow THEN 50.0 ELSE 10 * round((60 + grams * quantity * (0.95 + 0.1 * chance(i, 51))) / 10) END
        AS weight_g,
    moment(shipped) AS created_at
FROM carried WHERE sent;

CREATE VIEW rows_scans AS
SELECT i, CASE leg WHEN 0 THEN collected WHEN 1 THEN departed WHEN 2 THEN arrived WHEN 3 THEN brought
        ELSE CASE WHEN scheme = 'forged' THEN signed - signed % 86400 + 60 ELSE signed END END AS second,
    waybill_no, carrier, ['collected', 'departed', 'arrived', 'out_for_delivery', 'signed'][1 + leg] AS event,
    CASE WHEN leg <= 1 THEN code ELSE home_code END AS region,
    CASE WHEN leg IN (1, 2) THEN 'c' ELSE 'f' END || carrier_no || region AS facility, moment(second) AS at,
    CASE WHEN leg < 3 THEN NULL WHEN scheme = 'forged' THEN 'k' || carrier_no || 'x' || ring
        ELSE 'k' || carrier_no || home_code || (b * 7919 % getvariable('couriers')) END AS courier_id,
    CASE WHEN leg <= 1 THEN lat WHEN leg < 4 THEN home_lat ELSE home_lat + pick(b, 52, 400) / 10000.0 END AS lat,
    CASE WHEN leg <= 1 THEN lon WHEN leg < 4 THEN home_lon ELSE home_lon + pick(b, 53, 400) / 10000.0 END AS lon
FROM (SELECT *, unnest(CASE WHEN scheme = 'forged' THEN [0, 3, 4] ELSE [0, 1, 2, 3, 4] END) AS leg FROM carried
    WHERE sent);

CREATE VIEW rows_payments AS
SELECT i, CASE leg WHEN 0 THEN paid_second WHEN 1 THEN created + 100000 + pick(i, 61, 900000)
        ELSE paid_second + 3600 + pick(i, 62, 170000) END AS second,
    'y' || (10000000000 + 4 * i + leg) AS payment_id,
    CASE WHEN leg < 2 OR staged THEN 'o' || (1000000000 + i) END AS order_id,
    CASE WHEN pick(i, 63, 10) < 6 THEN 'tidepay' ELSE 'reedbank' END AS institution,
    CASE leg WHEN 0 THEN 'a' || (10000000 + b) WHEN 1 THEN 'q' || (1000000 + s)
        ELSE CASE WHEN staged THEN 'x' || (1000 + ring) ELSE 'a' || (10000000 + buyer_of(i + 7)) END END AS payer_id,
    CASE leg WHEN 0 THEN 'q' || (1000000 + s) ELSE 'a' || (10000000 + b) END AS payee_id,
    CASE WHEN leg < 2 THEN yuan(paid) WHEN staged THEN yuan(paid + 1000) ELSE yuan(100 * (1 + pick(i, 64, 500))) END
        AS amount,
    moment(second) AS paid_at, ['pay', 'refund', 'transfer'][1 + leg] AS kind
FROM (SELECT *, unnest(range(3)) AS leg FROM traded)
WHERE (leg = 0 AND status <> 'cancelled') OR (leg = 1 AND status = 'refunded')
    OR (leg = 2 AND (staged OR pick(i, 65, 50) = 0));

-- Four variables a mood: a list of constants answers at once, a list of lists would be copied for each row.
CREATE MACRO praise(number) AS one_of(getvariable('good_1'), number, 73) || one_of(getvariable('good_2'), number, 74)
    || one_of(getvariable('good_3'), number, 75) || one_of(getvariable('good_4'), number, 76);
CREATE MACRO blame(number) AS one_of(getvariable('bad_1'), number, 73) || one_of(getvariable('bad_2'), number, 74)
    || one_of(getvariable('bad_3'), number, 75) || one_of(getvariable('bad_4'), number, 76);
CREATE MACRO written(number, good) AS
    CASE WHEN chance(number, 71) < 0.34 THEN NULL
    WHEN chance(number, 71) < 0.58 THEN CASE WHEN good THEN one_of(getvariable('good'), number, 72)
        ELSE one_of(getvariable('bad'), number, 72) END
    WHEN good THEN praise(number) ELSE blame(number) END;

CREATE VIEW rows_ratings AS
SELECT i, received + 600 + (900000 * pow(chance(i, 81 + leg), 3))::BIGINT + 1000000 * (leg % 2) AS second,
    'r' || (10000000000 + 4 * i + leg) AS rating_id, 'o' || (1000000000 + i) AS order_id, platform,
    CASE WHEN leg = 2 THEN seller_id ELSE 'b' || (10000000 + b) END AS rater_id,
    CASE WHEN leg = 2 THEN 'b' || (10000000 + b) ELSE seller_id END AS ratee_id,
    CASE WHEN leg = 2 THEN 'seller_to_buyer' ELSE 'buyer_to_seller' END AS direction,
    CASE WHEN staged THEN CASE WHEN scheme = 'blame' THEN -1.0 ELSE 1.0 END
        WHEN scheme IN ('fake', 'differs') THEN [-1.0, -1.0, -0.5, 0.0, 0.5, 1.0][1 + pick(i, 84, 6)]
        WHEN pick(i, 85, 100) < 80 THEN 1.0 ELSE [0.5, 0.5, 0.0, -0.5, -1.0][1 + pick(i, 86, 5)] END AS score,
    CASE WHEN leg = 2 THEN NULL
        WHEN staged THEN written(ring * 40 + 1000 + pick(i, 87, 6), score > 0)
        WHEN scheme = 'fake' AND pick(i, 88, 2) = 0 THEN '不是正品，' || one_of(getvariable('bad'), i, 72)
        ELSE written(i, score > 0) END AS text,
    CASE WHEN pick(i, 89, 10) = 0 AND leg = 0 THEN 'i' || (10000000000 + i) END AS images,
    moment(second) AS created_at, leg = 1 AS is_followup, NULL::VARCHAR AS replaces
FROM (
    SELECT *, unnest(list_filter([CASE WHEN staged OR chance(i, 90) < 1.35 * rated THEN 0 END,
        CASE WHEN pick(i, 91, 50) = 0 THEN 1 END, CASE WHEN pick(i, 92, 33) = 0 THEN 2 END],
        lambda leg: leg IS NOT NULL)) AS leg
    FROM carried WHERE sent
);

-- One visit that led to the order for three orders in five, and nine in ten orders by people who only looked.
CREATE VIEW rows_visits AS
SELECT i, CASE leg WHEN 0 THEN greatest(created - dwell_s::BIGINT, getvariable('begin')) ELSE
        created + pick(i, 95 + leg, 600) END AS second,
    'v' || (10000000000 + 4 * i + leg) AS visit_id, platform, seller_id,
    CASE WHEN leg = 0 OR pick(i, 98, 8) > 0 THEN product_id END AS product_id,
    CASE WHEN leg = 0 THEN 'b' || (10000000 + b) WHEN sent_round THEN 'x' || (1000 + ring * 40 + pick(i, 99, 40))
        WHEN looker % 5 < 3 THEN 'b' || (10000000 + looker) ELSE 'g' || (10000000 + looker) END AS visitor_id,
    CASE WHEN leg = 0 THEN device_of(b, i) WHEN sent_round THEN 'x' || (1000 + ring * 5 + pick(i, 99, 5))
        ELSE device_of(looker, i) END AS device,
    CASE WHEN leg = 0 THEN network_of(b, i) WHEN sent_round THEN network(8000000 + ring * 5 + pick(i, 99, 3))
        ELSE network_of(looker, i) END AS ip,
    moment(second) AS at, dwell_s,
    CASE WHEN sent_round THEN 'link' ELSE
        ['search', 'search', 'search', 'recommend', 'recommend', 'direct', 'direct', 'link', 'ad', 'search']
        [1 + pick(i, 42 + leg, 10)] END AS entry,
    leg = 0 AS ordered
FROM (
    SELECT *, leg > 0 AND scheme = 'traffic' AS sent_round, buyer_of(i * 4 + leg + 1000000007) AS looker,
        CASE WHEN sent_round THEN 1.0 WHEN leg = 0 AND staged THEN 2.0
            ELSE round(dwell * spread(i, 43 + leg, 0.8), 1) END AS dwell_s
    FROM (SELECT *, unnest(range(4)) AS leg FROM traded)
    WHERE (leg = 0 AND NOT staged AND chance(i, 94) < 0.6) OR (leg = 1 AND chance(i, 93) < 0.6)
        OR (leg = 2 AND chance(i, 97) < 0.3) OR (leg = 3 AND scheme = 'traffic')
);

CREATE VIEW rows_prices AS
SELECT 0 AS i, getvariable('begin') + (quote_seconds() * (quote + chance(p, 131)))::BIGINT AS second,
    product_id, seller_id, platform, yuan(price_of(fen, s, quote)) AS price,
    CASE WHEN scheme = 'price' THEN yuan(fen * 3) WHEN promoted(s, quote) THEN yuan(fen) END AS list_price,
    CASE WHEN promoted(s, quote) OR scheme = 'price' THEN 'n' || (1000000 + s * 4 + quote // 4) END AS promotion_id,
    moment(second) AS at
FROM product, (SELECT range AS quote FROM range(-1, 12));

CREATE VIEW rows_listings AS
SELECT 0 AS i, opened + pick(p, 141, 86400) AS second, product_id, seller_id, platform,
    coalesce(brand_name(brand), '')
        || one_of(['升级版', '新款', '家用', '加厚', '便携', '经典', '大号', '儿童'], p, 143)
        || goods[1 + pick(p, 144, len(goods))] || ' ' || pick(p, 145, 400) || '号' AS title,
    category, brand_name(brand) AS brand, gtin,
    CASE WHEN category IN ('食品', '生鲜', '茶叶', '酒水', '美妆') THEN 'SC1' || (10000000 + s) END AS licence_no,
    'j' || (100000000 + CASE WHEN scheme = 'fake' THEN pick(p, 146, getvariable('shops') * 40) ELSE p END)
        AS image_hash,
    'https://' || platform || '.example/item/' || product_id AS url, moment(second) AS at
FROM product;

-- An account in five hundred draws person after person.
CREATE VIEW rows_queries AS
SELECT i, created(i) + pick(i, 151, 60) AS second, 'u' || (1000000000 + i) AS query_id,
    ['harbour', 'lantern', 'orchard'][1 + account % 3] AS platform, 'c' || (100000 + account) AS account_id,
    moment(second) AS at,
    CASE WHEN drawing OR pick(i, 154, 3) = 0 THEN 'natural' ELSE 'legal' END AS subject_kind,
    CASE WHEN drawing THEN (350100000000 + account * 1000000 + i % 1000000)::VARCHAR
        WHEN subject_kind = 'natural' THEN (350100000000 + pick(i, 152, 1000000000))::VARCHAR
        ELSE 'm' || (1000000 + pick(i, 153, getvariable('shops'))) END AS subject_id,
    CASE WHEN NOT drawing AND pick(i, 155, 10) > 0 THEN
        ['onboarding', 'periodic review', 'complaint', 'credit check', 'research'][1 + account % 5] END AS purpose,
    network(9000000 + account) AS ip, chance(i, 156) < CASE WHEN drawing THEN 0.3 ELSE 0.8 END AS found
FROM (
    SELECT i, CASE WHEN pick(i, 157, 40) = 0 THEN 3 + 500 * pick(i, 158, 1 + getvariable('accounts') // 500)
        ELSE pick(i, 159, getvariable('accounts')) END AS account, account % 500 = 3 AS drawing
    FROM numbers WHERE i % 50 = 0
);

CREATE MACRO subject_of(s) AS '9135' || (1000000000000 + pick(s, 161, 1000000000000)) || 'X';

CREATE VIEW rows_sellers AS
SELECT 0 AS i, opened AS second, seller_id, platform,
    CASE WHEN pick(s, 162, 20) > 0 THEN subject_of(s) END AS subject_code,
    name AS shop_name, domain, moment(opened) AS opened_at, 'l' || (1000000 + s) AS legal_person_hash,
    't' || (1000000 + s - (pick(s, 163, 30) = 0)::BIGINT) AS phone_hash, 'g' || (1000000 + s) AS address_hash,
    code AS region
FROM shop;

-- One closed shop for thirty; those behind a shop that came back have its person, telephone and address.
CREATE VIEW rows_listed AS
SELECT 0 AS i, opened - 86400 * (3 + pick(s, 171, 60)) AS second, subject_of(s + 100000000) AS subject_code,
    'm' || (5000000 + s) AS seller_id, platform, moment(second) AS listed_at,
    'l' || (1000000 + old) AS legal_person_hash, 't' || (1000000 + old) AS phone_hash,
    'g' || (1000000 + old) AS address_hash,
    CASE WHEN scheme = 'returned' THEN left(name, 4) || '商店' ELSE shop_name(s + 100000000) || '小店' END AS shop_name,
    CASE WHEN scheme = 'returned' THEN domain WHEN pick(s, 174, 3) < 2 THEN 'gone' || s || '.com' END AS domain
FROM (SELECT *, CASE WHEN scheme = 'returned' THEN s ELSE s + 5000000 END AS old FROM shop)
WHERE scheme = 'returned' OR pick(s, 172, 30) = 0;

-- A certified site for twenty-five shops; one of them is imitated, a letter aside.
CREATE VIEW rows_marks AS
SELECT 0 AS i, 0 AS second, CASE WHEN scheme = 'alike' THEN replace(domain, 'shop', 'sh0p') ELSE domain END AS domain,
    CASE WHEN scheme = 'alike' THEN left(name, 4) || '官方' ELSE name END AS shop_name,
    CASE WHEN scheme = 'alike' THEN subject_of(s + 100000000) ELSE subject_of(s) END AS subject_code
FROM shop WHERE domain IS NOT NULL AND (scheme = 'alike' OR pick(s, 173, 8) = 0);
