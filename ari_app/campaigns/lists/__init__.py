"""Reads contact lists as people have them: any encoding, delimiter, spreadsheet, way of writing a number.

`prepare` turns a file into plain UTF-8 CSV, `records` reads it record by record from any offset, `mapping`
makes contacts of records, `numbers` reads phone numbers. Whatever a file holds, each row gets an answer.
"""
