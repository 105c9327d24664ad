"""The demonstration province: fictional subjects and records of Fujian, written as files in the real formats.

Nothing here knows the database: the files go through the same front door (`exchange`) as everybody's.
How a demonstration value is told from a real one:

* unified social credit codes: the organisation part begins with ``DM`` and the check digits are right;
* resident identity numbers: region 350000 (the province itself; numbers are issued under counties)
  and a birth between 1900 and 1909, check digit right;
* telephones: prefix 154, which is allotted to no carrier;
* addresses on the net: under ``.example``, reserved by RFC 2606;
* every row whose item has a remark says 演示数据.
"""
